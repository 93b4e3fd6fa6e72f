// What is asked: documents chosen from a list, and files that the visitor hands over.
{
  const { verbatim } = window;
  const PANELS = ["scope", "mine"];
  const folder = (panel) => document.querySelector(`#${panel} > button`);

  verbatim.fold = (but) => {
    for (const panel of PANELS) if (panel !== but && folder(panel)?.classList.contains("open")) folder(panel).click();
  };

  verbatim.unfold = (panel) => {
    if (!folder(panel).classList.contains("open")) folder(panel).click();
    folder(panel).focus();
  };

  // The framework's folding buttons do not tell whether they are open, and what they hold is not there before it is unfolded.
  verbatim.panels = () => {
    if (!PANELS.every(folder)) return requestAnimationFrame(verbatim.panels);
    for (const panel of PANELS) {
      const button = folder(panel);
      const tell = () => {
        const open = button.classList.contains("open");
        if (button.getAttribute("aria-expanded") !== String(open)) button.setAttribute("aria-expanded", open);
      };
      tell();
      new MutationObserver(tell).observe(button, { attributeFilter: ["class"] });
      button.addEventListener("click", () => button.classList.contains("open") || verbatim.fold(panel));
    }
  };

  // Whether questions are understood from the ones before; the box that says so is not there before its panel is unfolded.
  verbatim.follow = true;

  verbatim.alone = () => {
    verbatim.follow = false;
    const box = document.querySelector("#follow input");
    if (box) box.checked = false;
  };

  verbatim.following = ({ element }) => {
    const box = element.querySelector("input");
    box.checked = verbatim.follow;
    box.addEventListener("change", () => (verbatim.follow = box.checked));
  };

  let choose = () => {};

  verbatim.chosen = ({ props }) => {
    choose = (value) => (props.value = value);
  };

  verbatim.picker = ({ element, trigger, watch }) => {
    const boxes = () => [...element.querySelectorAll("input[type=checkbox]")];
    const count = () => {
      const all = boxes();
      const words = element.querySelector(".count");
      if (words) words.textContent = `${all.filter((box) => box.checked).length} of ${all.length} chosen`;
    };
    const chosen = () => {
      const all = boxes();
      const ticked = all.filter((box) => box.checked);
      // What is not listed is meant too when all are chosen.
      choose(ticked.length === all.length ? { all: true } : { keys: ticked.map((box) => box.dataset.key) });
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
  };

  let take = null;

  const hand = (files) => {
    verbatim.unfold("mine");
    if (take) take(files);
    else requestAnimationFrame(() => hand(files));
  };

  // Files may be dropped anywhere; left to the browser, it would open them in place of the page.
  const over = (event, on) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body?.classList.toggle("dropping", on);
  };
  document.addEventListener("dragover", (event) => over(event, true));
  document.addEventListener("dragleave", (event) => event.relatedTarget || over(event, false));
  document.addEventListener("drop", (event) => {
    over(event, false);
    if (event.dataTransfer?.files.length) hand([...event.dataTransfer.files]);
  });

  verbatim.shelf = ({ element, trigger, watch, upload }) => {
    let refused = [];
    const row = (name, state, words) => {
      const line = document.createElement("li");
      for (const [part, text] of [["name", name], [state, words]]) {
        const piece = document.createElement("span");
        piece.className = part;
        piece.textContent = text;
        line.append(piece);
      }
      element.querySelector(".shelf").append(line);
      line.scrollIntoView({ block: "nearest" });
      return line;
    };
    const refuse = (name, reason) => refused.push([name, "skipped", `skipped: ${reason}`]);
    const send = async (files) => {
      const most = Number(element.querySelector(".files").dataset.most);
      const arrived = [];
      refused = [];
      for (const file of files) {
        const line = row(file.name, "state", "arriving …");
        try {
          if (file.size > most) refuse(file.name, `larger than ${most / 1024 ** 2} MB; split it`);
          else arrived.push({ name: file.name, path: (await upload(file)).path });
        } catch (error) {
          refuse(file.name, "did not arrive; is it a file, and the server still running?");
        }
        if (refused.at(-1)?.[0] === file.name) line.replaceWith(row(...refused.at(-1)));
        else line.querySelector(".state").textContent = "arrived, waiting to be read";
      }
      if (arrived.length) trigger("add_files", { files: arrived });
    };
    element.addEventListener("change", (event) => {
      if (!event.target.matches(".files") || !event.target.files.length) return;
      send([...event.target.files]);
      event.target.value = ""; // or the same file again would be no change
    });
    element.addEventListener("click", (event) => {
      const remove = event.target.closest("[data-remove]");
      if (remove) trigger("remove_file", { number: Number(remove.dataset.remove) });
    });
    take = send;
    watch("value", () => {
      if (element.querySelector(".own[aria-busy]")) return;
      for (const one of refused) row(...one);
      element.querySelector(".files")?.focus({ preventScroll: true });
      (element.querySelector(".trouble") ?? element.querySelector(".shelf > :last-child"))?.scrollIntoView({ block: "nearest" });
    });
  };
}
