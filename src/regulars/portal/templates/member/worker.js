"use strict";
// Keeps the last card, so that it is there without network, and forgets it when nobody is signed in any more.
const CARD = "member-card-1";
const FILES = "member-files-1";
const HOME = "/m/";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(FILES).then((kept) => kept.add("/m/offline/")).then(() => self.skipWaiting())
  );
});

self.addEventListener("activate", (event) => {
  const ours = [CARD, FILES];
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("member-") && !ours.includes(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim())
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(caches.delete(CARD));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(event.request));
  else if (event.request.mode === "navigate") event.respondWith(page(event, url));
});

async function file(request) {
  const kept = await caches.open(FILES);
  const known = await kept.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await kept.put(request, answer.clone());
  return answer;
}

async function page(event, url) {
  try {
    const answer = await fetch(event.request);
    if (url.pathname === HOME) {
      const kept = await caches.open(CARD);
      const isCard = answer.ok && !answer.redirected && answer.type === "basic";
      if (isCard) await kept.put(HOME, answer.clone());
      else await kept.delete(HOME);
    }
    return answer;
  } catch (error) {
    const card = url.pathname === HOME ? await (await caches.open(CARD)).match(HOME) : undefined;
    return card ?? (await (await caches.open(FILES)).match("/m/offline/")) ?? Response.error();
  }
}
