// The service worker of web push: shows what the house tells, and opens what it is about. It keeps and fetches nothing.

self.addEventListener('push', (event) => {
  let told;
  try { told = event.data.json(); } catch { told = { title: 'Tutti', body: '', tag: 'tutti', url: '/' }; }
  event.waitUntil(self.registration.showNotification(told.title, {
    body: told.body,
    tag: told.tag,
    icon: '/web/player/icon.svg',
    data: { url: told.url },
  }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  // Only ever a page of this house, whatever the message says.
  const target = new URL(event.notification.data?.url ?? '/', self.location.origin);
  const url = target.origin === self.location.origin ? target.href : self.location.origin;
  event.waitUntil(self.clients.openWindow(url));
});
