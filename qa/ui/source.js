// The source beside the conversation: opened at its evidence, as text or as the page looks.
{
  const { verbatim } = window;
  let opener = null;
  let wanted = false;
  let pressed = null;
  let view = null;

  // What opens a source may stand in the conversation or in the pane itself.
  verbatim.open = (target, trigger) => {
    const clicked = target.closest("[data-open]");
    if (!clicked) return;
    wanted = true;
    if (clicked.closest("#conversation")) opener = clicked;
    pressed = clicked.closest("#pane") ? clicked.getAttribute("aria-label") : null;
    const { turn, rank, document: path } = clicked.dataset;
    const own = clicked.closest(".turn")?.dataset.own !== undefined;
    trigger("open_source", { turn: turn ? Number(turn) : null, rank: rank ? Number(rank) : null, document: path ?? null, own });
  };

  verbatim.close = () => {
    const opened = document.body.classList.contains("reading-open");
    document.body.classList.remove("reading-open");
    wanted = false;
    if (opened && opener?.isConnected) opener.focus();
    return opened;
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

  const show = (reading, shown) => {
    if (!reading.querySelector(".pages")) return;
    reading.dataset.showing = shown;
    for (const button of reading.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", button.dataset.view === shown);
  };

  const jump = (element, number) => {
    const heading = element.querySelector(`[data-heading="${number}"]`);
    if (element.querySelector('[data-showing="page"]')) {
      turnTo(element.querySelector(".pages"), Number(heading.dataset.page));
      return element.querySelector(".desktop").focus({ preventScroll: true });
    }
    const text = element.querySelector(".text");
    text.scrollTop += heading.getBoundingClientRect().top - text.getBoundingClientRect().top - 12;
    heading.focus({ preventScroll: true });
  };

  const look = (reading, shown) => {
    view = shown;
    show(reading, shown);
    if (shown !== "text") return;
    const text = reading.querySelector(".text");
    const { page, evidence } = reading.querySelector(".pages").dataset;
    const there = evidence === page ? text.querySelector("mark.current") : null;
    const first = there ?? [...text.querySelectorAll("[data-page]")].find((part) => Number(part.dataset.page) >= Number(page));
    if (first) bring(text, first);
  };

  verbatim.pane = ({ element, trigger, watch }) => {
    element.addEventListener("click", ({ target }) => {
      verbatim.open(target, trigger);
      if (target.closest("[data-close]")) verbatim.close();
      const heading = target.closest("[data-jump]");
      if (heading) {
        heading.closest("details").open = false;
        jump(element, Number(heading.dataset.jump));
      }
      const step = target.closest("[data-page-step]");
      if (step) turnTo(step.closest(".pages"), Number(step.closest(".pages").dataset.page) + Number(step.dataset.pageStep));
      const shown = target.closest("[data-view]");
      if (shown) look(shown.closest(".reading"), shown.dataset.view);
    });
    // Neither event bubbles.
    element.addEventListener("load", ({ target }) => target.matches(".sheet img") && arrived(target), true);
    element.addEventListener("error", ({ target }) => target.matches(".sheet img") && missing(target), true);
    watch("value", () => {
      const reading = element.querySelector(".reading");
      // Closed again before it came, it stays closed.
      if (!reading || !wanted) return;
      const opened = !document.body.classList.contains("reading-open");
      document.body.classList.add("reading-open");
      if (view) show(reading, view);
      const text = reading.querySelector(".text");
      const mark = reading.querySelector("mark.current");
      if (text) text.scrollTop = 0;
      if (text && mark) bring(text, mark);
      if (opened) reading.querySelector("h2")?.focus({ preventScroll: true });
      // The button that was pressed is gone with what was shown before.
      else if (pressed) (reading.querySelector(`[aria-label="${pressed}"]:enabled`) ?? reading.querySelector("h2")).focus({ preventScroll: true });
      // The column is narrower now and its text flows anew; what was clicked stays in sight.
      if (opened) opener?.scrollIntoView({ block: "nearest" });
    });
  };
}
