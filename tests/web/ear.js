// An ear at everything a page lets sound: at what reaches the end of any AudioContext, and at any <audio> element. It runs
// before the page's own scripts, changes nothing of the sound and keeps the last third of a second of each.
{
  const SIZE = 16384, PART = 4096, ears = [], { connect, disconnect } = AudioNode.prototype, { play } = HTMLMediaElement.prototype;
  const earOf = new WeakMap();
  let own = null;

  // Parts come with the frame they begin at: what was heard, and when, is known to the sample whatever this thread was doing.
  function ear(context, sounds) {
    const listener = context.createScriptProcessor(PART, 1, 1), parts = [];
    listener.onaudioprocess = ({ inputBuffer, playbackTime }) => {
      const from = Math.round(playbackTime * context.sampleRate) - PART;
      // A part that came too late is gone, and what was before it does not belong to what comes.
      if (parts.length && parts.at(-1).from + PART !== from) parts.length = 0;
      parts.push({ from, sound: inputBuffer.getChannelData(0).slice() });
      if (parts.length > SIZE / PART) parts.shift();
    };
    connect.call(listener, context.destination);
    ears.push({ context, parts, sounds, listener });
    return listener;
  }

  function atTheEnd(context) {
    if (!earOf.has(context)) earOf.set(context, ear(context, () => true));
    return earOf.get(context);
  }

  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode && to.context !== own) connect.call(this, atTheEnd(to.context), ...more.slice(0, 1));
    return connect.call(this, to, ...more);
  };

  AudioNode.prototype.disconnect = function (...given) {
    if (given[0] instanceof AudioDestinationNode && earOf.has(given[0].context)) disconnect.call(this, earOf.get(given[0].context));
    return disconnect.apply(this, given);
  };

  // An element has another stream with each thing it plays.
  function listenTo(element) {
    own ??= new AudioContext();
    own.resume();
    if (element.earOf !== element.currentSrc) {
      const stream = element.captureStream();
      if (!stream.getAudioTracks().length) return;
      element.earOf = element.currentSrc;
      const source = element.currentSrc;
      connect.call(own.createMediaStreamSource(stream), ear(own, () => element.currentSrc === source && !element.paused && !element.ended && !element.muted && element.volume > 0));
    }
  }

  HTMLMediaElement.prototype.play = function () {
    if (!this.hasEar) { this.hasEar = true; this.addEventListener('playing', () => listenTo(this)); }
    return play.call(this);
  };

  // When a frame of a context is heard, in milliseconds since 1970.
  function momentOf(context, frame) {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    return performance.timeOrigin + performanceTime + (frame / context.sampleRate - contextTime) * 1000;
  }

  // What each ear heard just now, as base64 of 32-bit floats of one channel, and when its end is heard.
  window.earHears = async () => {
    const longest = Math.max(0, ...ears.map(({ context }) => SIZE / context.sampleRate));
    await new Promise((done) => { setTimeout(done, longest * 1000 + 20); });
    return ears.filter(({ context, parts, sounds }) => context.state === 'running' && parts.length && sounds()).map(({ context, parts }) => {
      const heard = new Float32Array(PART * parts.length), letters = [];
      parts.forEach(({ sound }, at) => heard.set(sound, at * PART));
      const bytes = new Uint8Array(heard.buffer);
      for (let at = 0; at < bytes.length; at += 32768) letters.push(String.fromCharCode(...bytes.subarray(at, at + 32768)));
      return { rate: context.sampleRate, sound: btoa(letters.join('')), at: momentOf(context, parts.at(-1).from + PART) };
    });
  };
}
