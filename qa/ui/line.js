// The line to the server. Where it breaks, the framework hears no event any more, waits for the server and loads the page
// anew, and the conversation would be gone; so it is told of an error instead, and each question can be sent again.
{
  const { verbatim } = window;
  const fetched = window.fetch.bind(window);
  const LOST = 'data: {"msg": "unexpected_error", "message": "lost"}\n\ndata: {"msg": "close_stream"}\n\n';
  const UNREACHED = "The server cannot be reached; is it still running?";
  const WHY = {
    401: "The server asks for the password again. Download the conversation if you want to keep it, then load the page anew.",
    503: "Too many are asking at the moment; try again.",
  };

  const tell = (words) => {
    document.getElementById("trouble")?.remove();
    if (!words) return;
    const trouble = document.createElement("p");
    trouble.id = "trouble";
    trouble.className = "trouble";
    trouble.setAttribute("role", "alert");
    trouble.textContent = words;
    document.getElementById("composer")?.prepend(trouble);
  };

  // A question says itself that it failed; of everything else it is said above the next question.
  const failed = (number, words) => (number ? verbatim.fail(number, words) : tell(words));

  const join = async (given) => {
    const number = verbatim.running();
    const answer = await fetched(...given).catch(() => null);
    if (answer?.ok) tell("");
    else failed(number, answer ? (WHY[answer.status] ?? "The server did not take that; load the page anew.") : UNREACHED);
    return answer ?? new Response('{"detail": "lost"}', { status: 503 });
  };

  // What comes of events is told in a stream, where a message without an event's name is for all of them.
  const follow = async (given) => {
    const { signal } = given[1] ?? given[0];
    const text = new TextDecoder();
    const told = new TextEncoder();
    let reader = null;
    let ended = false;
    const body = new ReadableStream({
      async start(stream) {
        const answer = await fetched(...given).catch(() => null);
        if (answer?.ok) reader = answer.body.getReader();
        else this.end(stream);
      },
      async pull(stream) {
        const { done, value } = await reader.read().catch(() => ({ done: true }));
        if (done) return this.end(stream);
        const piece = text.decode(value, { stream: true });
        ended ||= piece.includes('"close_stream"');
        if (/"msg": ?"process_completed".*"success": ?false/.test(piece) && !verbatim.running()) tell("That did not work; try again.");
        // A server that was started anew does not know the session, which is nothing that the framework need act on.
        stream.enqueue(told.encode(piece.replace(/"session_not_found": ?true/g, '"session_not_found": false')));
      },
      end(stream) {
        if (!ended && !signal?.aborted) {
          stream.enqueue(told.encode(`\n\n${LOST}`));
          verbatim.fail(verbatim.running(), "The connection to the server broke off.");
        }
        stream.close();
      },
      cancel() {
        reader?.cancel();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };

  // By its heartbeat the server knows that a visitor is there; when it ends, what was theirs is removed. The framework does
  // not begin another, and the server would keep what came after.
  new PerformanceObserver((list, observer) => {
    const ended = list.getEntries().find(({ name }) => name.includes("/heartbeat/"));
    if (!ended) return;
    observer.disconnect();
    new EventSource(ended.name);
  }).observe({ type: "resource", buffered: true });

  window.fetch = (...given) => {
    const address = String(given[0]?.url ?? given[0]);
    return (address.includes("/queue/join") ? join : address.includes("/queue/data") ? follow : (all) => fetched(...all))(given);
  };
}
