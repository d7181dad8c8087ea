/**
 * The script that a shop's pages load: `rapport.consent(true)`, `page`, `track`, `identify`, `reset`,
 * `anonymousId`. Until consent it
 * neither sends nor stores anything. What could not be sent stays in localStorage and is sent again; the door knows each
 * event by its messageId, so twice is once.
 */
export const browserSnippet = `(function (w, d) {
  var script = d.currentScript, store = w.localStorage;
  var base = script.src.replace(/\\/b\\.js.*$/, ""), key = script.getAttribute("data-key");
  var wait = 5e3, busy = false, timer, early = w.rapport;
  function get(name) { try { return JSON.parse(store.getItem("rapport." + name)); } catch (e) { return null; } }
  function set(name, value) { try { store.setItem("rapport." + name, JSON.stringify(value)); } catch (e) {} }
  function forget() { ["on", "id", "who", "queue"].forEach(function (name) { try { store.removeItem("rapport." + name); } catch (e) {} }); }
  function random() {
    return Array.from(w.crypto.getRandomValues(new Uint8Array(16)), function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
  }
  function visitor() { var id = get("id"); if (!id) set("id", id = random()); return id; }
  function queued() { return get("queue") || []; }
  function drop(sent) {
    var ids = sent.map(function (e) { return e.messageId; });
    set("queue", queued().filter(function (e) { return ids.indexOf(e.messageId) < 0; }));
  }
  function body(batch) { return JSON.stringify({ writeKey: key, sentAt: new Date().toISOString(), batch: batch }); }
  function later() { clearTimeout(timer); timer = setTimeout(flush, wait); wait = Math.min(wait * 2, 3e5); }
  function flush() {
    var batch = queued().slice(0, 25);
    if (busy || !batch.length || !get("on")) return;
    busy = true;
    w.fetch(base + "/v1/batch", { method: "POST", body: body(batch), headers: { "content-type": "text/plain" }, keepalive: true, credentials: "omit" })
      .then(function (r) {
        busy = false;
        if (r.status === 429 || r.status >= 500) return later();
        drop(batch); wait = 5e3; flush();
      }, function () { busy = false; later(); });
  }
  function send(type, event) {
    if (!get("on")) return;
    event.type = type; event.messageId = random(); event.anonymousId = visitor(); event.timestamp = new Date().toISOString();
    set("queue", queued().concat(event).slice(-100));
    flush();
  }
  function page(properties) {
    var l = w.location, campaign = {};
    new URLSearchParams(l.search).forEach(function (value, name) { if (/^utm_/.test(name)) campaign[name.slice(4)] = value; });
    var context = { page: { url: l.origin + l.pathname, path: l.pathname, title: d.title, referrer: d.referrer.split("?")[0] }, campaign: campaign };
    send("page", { properties: properties || {}, context: context });
  }
  var api = {
    consent: function (given) { if (!given) return forget(); if (!get("on")) { set("on", 1); page(); } },
    page: page,
    track: function (event, properties) { send("track", { event: event, properties: properties || {} }); },
    identify: function (traits) {
      var who = String(traits && traits.email || "").toLowerCase();
      if (who && get("who") && get("who") !== who) set("id", random());
      if (who && get("on")) set("who", who);
      send("identify", { traits: traits, context: { timezone: Intl.DateTimeFormat().resolvedOptions().timeZone } });
    },
    anonymousId: function () { return get("on") ? visitor() : null; },
    reset: function () { set("id", null); set("who", null); },
    push: function (call) { api[call[0]].apply(null, call.slice(1)); }
  };
  w.rapport = api;
  if (get("on")) { page(); }
  if (Array.isArray(early)) early.forEach(api.push);
  w.addEventListener("online", flush);
  w.addEventListener("pagehide", function () {
    var batch = queued().slice(0, 25);
    if (batch.length && get("on") && w.navigator.sendBeacon && w.navigator.sendBeacon(base + "/v1/batch", body(batch))) drop(batch);
  });
})(window, document);
`;
