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
    pane() {
      element.addEventListener("click", (event) => act(event.target));
      watch("value", () => {
        const reading = element.querySelector(".reading");
        if (!reading) return;
        const opened = !document.body.classList.contains("reading-open");
        document.body.classList.add("reading-open");
        const text = reading.querySelector(".text");
        const mark = reading.querySelector("mark.current");
        if (text) text.scrollTop = 0;
        if (text && mark) {
          const shift = mark.getBoundingClientRect().top - text.getBoundingClientRect().top;
          text.scrollTop = Math.max(0, shift - text.clientHeight / 3);
        }
        const title = reading.querySelector("h2");
        if (opened && title) title.focus({ preventScroll: true });
        // The column is narrower now and its text flows anew; what was clicked stays in sight.
        if (opened) window.verbatimOpener?.scrollIntoView({ block: "nearest" });
      });
    },
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
      text.scrollTop += heading.getBoundingClientRect().top - text.getBoundingClientRect().top - 12;
      heading.focus({ preventScroll: true });
    }
    const again = target.closest("[data-again]");
    if (again) {
      const field = again.closest(".rewritten").querySelector(".asked");
      askAgain(field, again.dataset.again || field.value);
    }
    const copy = target.closest("[data-copy]");
    if (copy) keep(copy);
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

  const keep = async (button) => {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // Browsers give the clipboard only to pages from this machine or over https.
      const area = document.createElement("textarea");
      area.value = button.dataset.copy;
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
