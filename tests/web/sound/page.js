// What a test has at hand in the page: a player of the test's songs, and a tap on what leaves it.
import { createSound } from '/web/player/sound/sound.js';

window.news = [];
window.asked = [];

const fetched = window.fetch;
window.requests = [];
window.fetch = (url, given) => {
  window.requests.push({ url: String(url), range: given?.headers?.Range, at: performance.now() });
  return fetched(url, given);
};

window.make = async (tickets, { tap = true, ...given } = {}) => {
  const sound = window.sound = createSound({
    addressOf: async (item, { quality, format }) => {
      window.asked.push(item.songId);
      return { url: `/stream/${item.songId}?ticket=${tickets[item.songId]}&quality=${quality}${format ? `&format=${format}` : ''}` };
    },
    ...given,
  });
  for (const name of ['item', 'state', 'ended', 'waiting', 'problem']) {
    sound.on(name, (told) => window.news.push({ name, ...told, item: told.item?.key, before: told.before?.key, atMs: performance.now() }));
  }
  if (tap) {
    sound.index = 0;
    sound.items = [{ sampleRate: given.rate }];
    sound.open();
    Object.assign(sound, { index: -1, items: [] });
    const { context } = sound.output;
    await sound.output.ready;
    await context.audioWorklet.addModule('/test/tap.js');
    const node = new AudioWorkletNode(context, 'tap', { channelCount: 2, channelCountMode: 'explicit' });
    window.heard = [];
    window.begins = null;
    node.port.onmessage = ({ data }) => { window.begins ??= data.at; window.heard.push(data.frames); };
    sound.output.fader.connect(node);
    await context.resume();
  }
  return sound.output?.rate ?? null;
};

// The recording as base64 of 32-bit floats, left and right by turns.
window.recording = () => {
  const all = new Float32Array(window.heard.length * 256);
  window.heard.forEach((frames, each) => all.set(frames, each * 256));
  const bytes = new Uint8Array(all.buffer), parts = [];
  for (let at = 0; at < bytes.length; at += 32768) parts.push(String.fromCharCode(...bytes.subarray(at, at + 32768)));
  return btoa(parts.join(''));
};
window.readyToPlay = true;
