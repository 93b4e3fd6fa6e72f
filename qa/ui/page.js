(() => {
  const page = {
    conversation() {
      element.addEventListener("click", (event) => act(event.target));
      element.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target.matches(".asked")) askAgain(event.target, event.target.value);
      });
      watch("value", () => {
        const last = [...element.querySelectorAll(".turn")].pop();
        if (!last) return;
        const again = window.verbatimAgain && element.querySelector(`.turn[data-number="${window.verbatimAgain}"]`);
        window.verbatimAgain = null;
        if (again) {
          again.querySelector(".question").focus({ preventScroll: true });
          again.scrollIntoView({ block: "nearest" });
          return tell(again);
        }
        if (last.dataset.number === element.dataset.seen) return;
        element.dataset.seen = last.dataset.number;
        last.scrollIntoView({ block: "start" });
        tell(last);
      });
      announce();
      keys();
    },
    picker() {
      const boxes = () => [...element.querySelectorAll("input[type=checkbox]")];
      const count = () => {
        const all = boxes();
        const ticked = all.filter((box) => box.checked).length;
        const words = element.querySelector(".count");
        if (words) words.textContent = `${ticked} of ${all.length} chosen`;
      };
      const chosen = () => {
        const all = boxes();
        const ticked = all.filter((box) => box.checked);
        // What is not listed is meant too when all are chosen.
        window.verbatimChoose?.(
          ticked.length === all.length ? { all: true } : { numbers: ticked.map((box) => Number(box.dataset.number)) },
        );
        count();
        trigger("choose");
      };
      element.addEventListener("change", (event) => event.target.matches("[type=checkbox]") && chosen());
      element.addEventListener("input", (event) => {
        if (!event.target.matches(".find")) return;
        const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
        for (const row of element.querySelectorAll("li")) {
          const text = `${row.textContent} ${row.querySelector("label").title}`.toLowerCase();
          row.hidden = !words.every((word) => text.includes(word));
        }
      });
      element.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target.matches(".find")) event.preventDefault();
      });
      element.addEventListener("click", (event) => {
        const pick = event.target.closest("[data-pick]");
        if (!pick) return;
        for (const box of boxes()) box.checked = pick.dataset.pick === "all";
        chosen();
      });
      watch("value", count);
      count();
    },
    chosen() {
      window.verbatimChoose = (value) => (props.value = value);
    },
    shelf() {
      const send = async (files) => {
        const rows = element.querySelector(".shelf");
        const arrived = [];
        for (const file of files) {
          const row = document.createElement("li");
          const name = document.createElement("span");
          const state = document.createElement("span");
          name.className = "name";
          name.textContent = file.name;
          state.textContent = "arriving …";
          row.append(name, state);
          rows.append(row);
          try {
            const { path } = await upload(file);
            arrived.push({ name: file.name, path });
            state.textContent = "being read …";
          } catch (error) {
            state.className = "skipped";
            state.textContent = "skipped: could not be handed over; is it larger than the limit?";
          }
        }
        if (arrived.length) trigger("add_files", { files: arrived });
      };
      element.addEventListener("change", (event) => {
        if (event.target.matches(".files") && event.target.files.length) send([...event.target.files]);
      });
      element.addEventListener("click", (event) => {
        const remove = event.target.closest("[data-remove]");
        if (remove) trigger("remove_file", { number: Number(remove.dataset.remove) });
      });
      const over = (event, on) => {
        event.preventDefault();
        element.querySelector(".drop").classList.toggle("over", on);
      };
      element.addEventListener("dragover", (event) => over(event, true));
      element.addEventListener("dragleave", (event) => over(event, false));
      element.addEventListener("drop", (event) => {
        over(event, false);
        send([...event.dataTransfer.files]);
      });
      watch("value", () => {
        element.querySelector(".files")?.focus({ preventScroll: true });
        // What is offered above the list changes with it, a little later, and moves it.
        setTimeout(
          () => (element.querySelector(".own .trouble") ?? element.querySelector(".shelf > :last-child"))?.scrollIntoView({ block: "nearest" }),
          300,
        );
      });
    },
    download() {
      watch("value", () => {
        if (props.value) save(props.value.json);
      });
    },
    pane() {
      element.addEventListener("click", (event) => act(event.target));
      // Neither event bubbles.
      element.addEventListener("load", (event) => event.target.matches(".sheet img") && arrived(event.target), true);
      element.addEventListener("error", (event) => event.target.matches(".sheet img") && missing(event.target), true);
      watch("value", () => {
        const reading = element.querySelector(".reading");
        if (!reading) return;
        const opened = !document.body.classList.contains("reading-open");
        document.body.classList.add("reading-open");
        const text = reading.querySelector(".text");
        const mark = reading.querySelector("mark.current");
        if (window.verbatimView) show(reading, window.verbatimView);
        if (text) text.scrollTop = 0;
        if (text && mark) bring(text, mark);
        const title = reading.querySelector("h2");
        if (opened && title) title.focus({ preventScroll: true });
        // The column is narrower now and its text flows anew; what was clicked stays in sight.
        if (opened) window.verbatimOpener?.scrollIntoView({ block: "nearest" });
      });
    },
  };

  const save = (text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `conversation-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, "-")}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  // Scroll so that something stands in the upper third.
  const bring = (scroller, target) => {
    const shift = target.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    scroller.scrollTop = Math.max(0, scroller.scrollTop + shift - scroller.clientHeight / 3);
  };

  const arrived = (image) => {
    const pages = image.closest(".pages");
    pages.querySelector(".note").hidden = true;
    pages.classList.remove("missing");
    const box = pages.querySelector(".box.current:not([hidden])") ?? pages.querySelector(".box:not([hidden])");
    if (box) bring(pages.querySelector(".desktop"), box);
    else pages.querySelector(".desktop").scrollTop = 0;
  };

  // Why a page cannot be shown is what the server answers in its place.
  const missing = async (image) => {
    const pages = image.closest(".pages");
    let why = "The server cannot be reached; is it still running?";
    try {
      const answer = await fetch(image.src);
      why = answer.ok ? "The page cannot be drawn." : await answer.text();
    } catch {}
    const note = pages.querySelector(".note");
    note.textContent = `${why.replace(/[^.]$/, "$&.")} Its words are under Text.`;
    note.hidden = false;
    pages.classList.add("missing");
  };

  const turnTo = (pages, number) => {
    const { images, query, pages: count } = pages.dataset;
    if (number < 1 || number > Number(count)) return;
    pages.dataset.page = number;
    const image = pages.querySelector("img");
    image.alt = `Page ${number} as it looks; its words are under Text`;
    image.src = `${images}${number}?${query}`;
    for (const box of pages.querySelectorAll(".box")) box.hidden = Number(box.dataset.on) !== number;
    pages.querySelector(".at").textContent = `Page ${number.toLocaleString("en")} of ${Number(count).toLocaleString("en")}`;
    pages.querySelector('[data-page-step="-1"]').disabled = number === 1;
    pages.querySelector('[data-page-step="1"]').disabled = number === Number(count);
  };

  const show = (reading, view) => {
    if (!reading.querySelector(".pages")) return;
    reading.dataset.showing = view;
    for (const button of reading.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", button.dataset.view === view);
  };

  const act = (target) => {
    const opener = target.closest("[data-open]");
    if (opener) {
      if (opener.closest("#conversation")) window.verbatimOpener = opener;
      trigger("open_source", {
        turn: opener.dataset.turn ? Number(opener.dataset.turn) : null,
        rank: opener.dataset.rank ? Number(opener.dataset.rank) : null,
        document: opener.dataset.document ?? null,
      });
    }
    if (target.closest("[data-close]")) close();
    const jump = target.closest("[data-jump]");
    if (jump) {
      const heading = element.querySelector(`[data-heading="${Number(jump.dataset.jump)}"]`);
      const text = element.querySelector(".text");
      jump.closest("details").open = false;
      if (element.querySelector('[data-showing="page"]')) {
        turnTo(element.querySelector(".pages"), Number(heading.dataset.page));
        element.querySelector(".desktop").focus({ preventScroll: true });
      } else {
        text.scrollTop += heading.getBoundingClientRect().top - text.getBoundingClientRect().top - 12;
        heading.focus({ preventScroll: true });
      }
    }
    const step = target.closest("[data-page-step]");
    if (step) {
      const pages = step.closest(".pages");
      turnTo(pages, Number(pages.dataset.page) + Number(step.dataset.pageStep));
    }
    const view = target.closest("[data-view]");
    if (view) {
      const reading = view.closest(".reading");
      window.verbatimView = view.dataset.view;
      show(reading, view.dataset.view);
      const text = reading.querySelector(".text");
      const page = Number(reading.querySelector(".pages").dataset.page);
      const mark = text.querySelector("mark.current");
      const there = Number(reading.querySelector(".pages").dataset.evidence) === page ? mark : null;
      const first = there ?? [...text.querySelectorAll("[data-page]")].find((part) => Number(part.dataset.page) >= page);
      if (view.dataset.view === "text" && first) bring(text, first);
    }
    const again = target.closest("[data-again]");
    if (again) {
      const field = again.closest(".rewritten").querySelector(".asked");
      askAgain(field, again.dataset.again || field.value);
    }
    const verdict = target.closest("[data-verdict]");
    if (verdict) {
      window.verbatimAgain = verdict.dataset.turn;
      trigger("judge", { turn: Number(verdict.dataset.turn), verdict: verdict.dataset.verdict });
    }
    const copy = target.closest("[data-copy], [data-link]");
    if (copy) keep(copy, copy.dataset.copy ?? location.origin + location.pathname + copy.dataset.link);
  };

  const askAgain = (field, question) => {
    window.verbatimAgain = field.dataset.turn;
    trigger("ask_again", { turn: Number(field.dataset.turn), question });
  };

  const tell = (turn) => {
    const said = turn.querySelector(".said q, .refused, .trouble");
    const status = document.getElementById("announcement");
    if (status) status.textContent = said ? said.textContent : "";
  };

  const close = () => {
    document.body.classList.remove("reading-open");
    if (window.verbatimOpener?.isConnected) window.verbatimOpener.focus();
  };

  const keep = async (button, text) => {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Browsers give the clipboard only to pages from this machine or over https.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  };

  const announce = () => {
    const status = document.createElement("div");
    status.id = "announcement";
    status.setAttribute("role", "status");
    document.body.append(status);
  };

  const keys = () =>
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && document.body.classList.contains("reading-open")) return close();
      if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^[1-9]$/.test(event.key)) {
        const last = [...document.querySelectorAll("#conversation .turn")].pop();
        last?.querySelector(`.open[data-rank="${event.key}"]`)?.click();
      } else if (event.key === "/") {
        event.preventDefault();
        document.querySelector("#question textarea, #question input")?.focus();
      }
    });

  return page;
})()
