// The service worker of web push: shows what the house tells, and opens what it is about. It keeps and fetches nothing.

self.addEventListener('push', (event) => {
  let told = {};
  try { told = event.data.json(); } catch { /* nothing that can be read: that there is something can be said */ }
  event.waitUntil(self.registration.showNotification(told.title ?? 'Tutti', {
    body: told.body ?? 'There is something new for you.',
    tag: told.tag ?? 'tutti',
    icon: '/web/icon.svg',
    data: { url: told.url ?? '/' },
  }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data?.url ?? '/'));
});

// In a window of the house that is open, where music may be playing; else in a new one.
async function show(wanted) {
  // Only ever a page of this house, whatever the message says.
  const target = new URL(wanted, self.location.origin);
  const url = target.origin === self.location.origin ? target.href : `${self.location.origin}/`;
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  // Office pages and letters play nothing.
  const player = windows.find((each) => !/^\/(admin|studio|graphql|join|verify|reset|email|forgot|keep)\b/.test(new URL(each.url).pathname));
  if (!player) { await self.clients.openWindow(url); return; }
  player.postMessage({ open: url });
  await player.focus();
}
