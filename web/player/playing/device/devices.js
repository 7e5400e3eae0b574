// The person's devices as the house tells them, and what can be done with them. Playing elsewhere is a change of the queue.
import { signal } from '@preact/signals-core';
import { notice } from '../../parts/notice.js';
import { onEvent, say, whenOpen } from '../../session/live.js';
import { person } from '../../session/session.js';

// `{ id, name, kind, online, seenAt, capabilities }`, those connected first; null until the house has told them.
export const devices = signal(null);

export const deviceOf = (id) => devices.value?.find((device) => device.id === id) ?? null;

async function change(op, members) {
  try {
    const answer = await say(`device.${op}`, members);
    if (answer.devices) devices.value = answer.devices;
    return true;
  } catch (error) { notice(error.message); return false; }
}

export const rename = (deviceId, name) => change('rename', { deviceId, name });
export const forget = (deviceId) => change('forget', { deviceId });

export function startDevices() {
  onEvent((event) => { if (event.ev === 'devices') devices.value = event.devices; });
  whenOpen(() => say('device.follow'));
  let who = person.value?.id;
  person.subscribe((now) => {
    if (now?.id === who) return;
    who = now?.id;
    devices.value = null;
  });
}
