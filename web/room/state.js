// A room as its events tell it (docs/protocol/rooms.md): a whole one, then patches from a revision on. Pure.

// The room after an event, or null when one was missed and the room has to be followed anew.
export function after(room, event) {
  if (event.room) return event.room;
  if (!room || room.epoch !== event.epoch || room.rev !== event.from) return null;
  return event.patches.reduce(patched, room);
}

function patched(room, patch) {
  const next = { ...room, ...patch.set };
  if (patch.members) next.members = changed(room.members, patch.members);
  if (patch.items) next.items = reordered(room.items, patch.items);
  if (patch.chat) next.chat = [...room.chat, ...patch.chat].slice(-200);
  return next;
}

function changed(rows, { put = [], gone = [] }) {
  const fresh = new Map(put.map((row) => [row.id, row])), left = new Set(gone);
  const kept = rows.filter((row) => !left.has(row.id)).map((row) => {
    const found = fresh.get(row.id);
    fresh.delete(row.id);
    return found ?? row;
  });
  return [...kept, ...fresh.values()];
}

function reordered(rows, { put = [], order }) {
  const known = new Map([...rows, ...put].map((row) => [row.id, row]));
  const ids = rows.map((row) => row.id);
  if (order) ids.splice(order.at, order.take, ...order.put);
  return ids.map((id) => known.get(id)).filter(Boolean);
}

export const currentOf = (room) => room.items.find((item) => item.id === room.currentItemId) ?? null;

export function comingOf(room) {
  const at = room.items.findIndex((item) => item.id === room.currentItemId);
  return room.items.slice(at + 1).filter((item) => !item.gone);
}
