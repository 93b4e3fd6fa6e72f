// The conversation: questions are sent one after the other, each standing on the page from the moment it is asked.
window.verbatim = {};
{
  const { verbatim } = window;
  const turns = () => document.querySelectorAll("#conversation .turn");
  const say = (text) => (document.getElementById("announcement").textContent = text);
  const made = (tag, name, text = "") => {
    const part = document.createElement(tag);
    part.className = name;
    part.textContent = text;
    return part;
  };

  // What is sent changes the conversation that the server holds, so the next waits until this one has come back.
  const queue = [];
  let running = null;
  let ready = false;
  let sent = 0;
  let placed = 0;
  let early = 0;
  let send = () => {};

  const next = () => {
    if (!ready || running || !queue.length) return;
    running = { ...queue.shift(), number: ++sent };
    if (running.event === "ask") Object.assign(running.given, before());
    running.turn.setAttribute("aria-busy", "true");
    running.turn.querySelector(".waits")?.replaceChildren("Searching …");
    send(running.event, running.given);
  };

  // The server may have forgotten what came before: it was restarted, or the connection was lost for a while.
  const before = () => {
    const asked = [...turns()].filter((turn) => turn.dataset.number);
    const told = asked.filter((turn) => turn.dataset.asked).slice(-3);
    const earlier = told.map(({ dataset }) => ({ question: dataset.asked, own: "own" in dataset }));
    return { after: Math.max(0, ...asked.map((turn) => Number(turn.dataset.number))), earlier };
  };

  const add = (event, given, turn) => {
    queue.push({ event, given, turn });
    next();
  };

  const show = (turn) => turn.previousElementSibling && turn.scrollIntoView({ block: "start" });

  verbatim.ask = (typed, limits = { follow: verbatim.follow }) => {
    const question = typed.trim();
    if (!question) return;
    let list = document.querySelector("#conversation .turns");
    if (!list) {
      list = made("div", "turns");
      document.querySelector("#conversation :is(.welcome, .trouble)")?.replaceWith(list);
    }
    const turn = made("article", "turn waiting");
    const heading = made("h2", question.length > 600 ? "question long" : "question", question);
    turn.append(heading, made("p", "waits", running ? "Waiting for the question before" : "Searching …"));
    list.append(turn);
    verbatim.fold();
    show(turn);
    say("Searching");
    add("ask", { question, ...limits }, turn);
  };

  // A turn came back: a new one takes the place of the question that waited, a corrected one that of its old self.
  verbatim.place = ({ number, first, html, notice }) => {
    const old = document.querySelector(`#conversation .turn[data-number="${number}"]`);
    const one = running;
    running = null;
    if (one && one.number === early) early = 0;
    else placed += 1;
    if (notice) {
      old?.removeAttribute("aria-busy");
      const judging = old?.querySelector(".judging");
      judging?.querySelector(".notice")?.remove();
      judging?.append(made("span", "notice", notice));
      say(notice);
      return next();
    }
    const piece = document.createElement("template");
    piece.innerHTML = html;
    const turn = piece.content.firstElementChild;
    if (one?.event === "judge" && old) {
      old.removeAttribute("aria-busy");
      old.querySelector(".judging")?.replaceWith(turn.querySelector(".keeping:last-child"));
      old.querySelector(".question").focus({ preventScroll: true });
    } else {
      (old ?? one?.turn ?? document.querySelector("#conversation .turn:not([data-number])"))?.replaceWith(turn);
      if (old) turn.querySelector(".question").focus({ preventScroll: true });
      if (old) turn.scrollIntoView({ block: "nearest" });
      say(turn.querySelector(".said q, .refused, .trouble")?.textContent ?? "");
    }
    // The server remembers only the latest.
    for (const earlier of turns()) if (Number(earlier.dataset.number) < first) earlier.remove();
    next();
  };

  const fail = (number, why = "The server has stopped, or too many are asking.") => {
    if (!number || running?.number !== number) return;
    const { turn, event, given } = running;
    running = null;
    turn.removeAttribute("aria-busy");
    turn.querySelector(".waits, .unanswered")?.remove();
    const trouble = made("div", "trouble unanswered");
    trouble.setAttribute("role", "alert");
    const again = made("button", "again", "Send it again");
    again.type = "button";
    again.onclick = () => {
      trouble.replaceWith(made("p", "waits", "Searching …"));
      add(event, given, turn);
    };
    trouble.append(made("p", "what", "No answer came"), made("p", "", why), again);
    turn.querySelector(".question").after(trouble);
    next();
  };

  verbatim.running = () => running?.number;
  verbatim.fail = fail;

  // Called once for each that the server took, whether something came back or not; what comes back may be placed a moment later.
  verbatim.settle = () => {
    if (placed) return (placed -= 1);
    early = running?.number ?? 0;
    setTimeout(() => early && fail(early), 1000);
  };

  verbatim.conversation = ({ element, trigger, watch }) => {
    send = trigger;
    // The start page came, over whatever was asked before it did.
    watch("value", () => {
      for (const { turn } of queue) {
        let list = element.querySelector(".turns");
        if (!list) element.querySelector(".welcome, .trouble").replaceWith((list = made("div", "turns")));
        list.append(turn);
      }
      ready = true;
      next();
    });
    element.addEventListener("click", ({ target }) => {
      verbatim.open(target, trigger);
      const again = target.closest("[data-again]");
      if (again) askAgain(again.closest(".rewritten")?.querySelector(".asked") ?? again, again.dataset.again);
      if (target.closest("[data-alone]")) verbatim.alone();
      const shared = target.closest("[data-shared]");
      if (shared) verbatim.ask(shared.closest(".turn").dataset.asked, { shared: true });
      const verdict = target.closest("[data-verdict]");
      const turn = verdict?.closest(".turn");
      if (turn) add("judge", { turn: Number(turn.dataset.number), verdict: verdict.dataset.verdict }, turn);
      const copy = target.closest("[data-copy], [data-link]");
      if (copy) keep(copy, copy.dataset.copy ?? location.origin + location.pathname + copy.dataset.link);
      if (target.closest("[data-mine]")) verbatim.unfold("mine");
    });
    element.addEventListener("keydown", (event) => {
      if (!plainEnter(event) || !event.target.matches(".asked")) return;
      event.preventDefault();
      askAgain(event.target);
    });
    const status = made("div", "");
    status.id = "announcement";
    status.setAttribute("role", "status");
    document.body.append(status);
    keys();
    verbatim.panels();
  };

  // The page itself takes the question and empties the field in one step: the framework empties it a moment after it has
  // handed the question on, over whatever has been typed by then.
  const submit = (event) => {
    const field = document.querySelector("#question textarea");
    event.preventDefault();
    event.stopPropagation();
    verbatim.ask(field.value);
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  // Enter that ends the composition of a character is none; Safari says so by the code alone.
  const plainEnter = (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
  document.addEventListener("keydown", (event) => plainEnter(event) && event.target.matches("#question textarea") && submit(event), true);
  document.addEventListener("click", (event) => event.target.closest("#question button") && submit(event), true);

  const askAgain = (field, typed) => {
    const turn = field.closest(".turn");
    const question = typed || field.value;
    const given = { turn: Number(turn.dataset.number), question, typed: turn.querySelector(".question").textContent };
    if (question.trim()) add("ask_again", given, turn);
  };

  const keep = async (button, text) => {
    const label = button.dataset.label ?? (button.dataset.label = button.textContent);
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
    // As wide as before, or what stands beside it would jump.
    button.style.minWidth = `${button.offsetWidth}px`;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  };

  verbatim.arrived = ({ props, watch }) => watch("value", () => props.value?.number && verbatim.place(props.value));

  // What stands on the page is what is kept, whether the server remembers it or not.
  verbatim.download = ({ element }) =>
    element.addEventListener("click", ({ target }) => {
      if (!target.closest("button")) return;
      const saved = [...turns()].filter((turn) => turn.dataset.saved).map((turn) => JSON.parse(turn.dataset.saved));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify(saved, null, 1)], { type: "application/json" }));
      link.download = `conversation-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, "-")}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });

  // 1 to 9 open a citation, n and p go to the next and previous evidence, / goes to the question, Escape closes.
  const keys = () =>
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return verbatim.close() || verbatim.fold();
      if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { n: "Next evidence", p: "Previous evidence" }[event.key];
      if (/^[1-9]$/.test(event.key)) {
        const turn = event.target.closest(".turn") ?? [...turns()].pop();
        turn?.querySelector(`.open[data-rank="${event.key}"]`)?.click();
      } else if (step) {
        document.querySelector(`.reading-open #pane [aria-label="${step}"]:enabled`)?.click();
      } else if (event.key === "/") {
        event.preventDefault();
        document.querySelector("#question textarea, #question input")?.focus();
      }
    });
}
