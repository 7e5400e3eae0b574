// An ear at everything a page lets sound: at what reaches the end of any AudioContext, and at any <audio> element. It runs
// before the page's own scripts, changes nothing of the sound and keeps the last third of a second of each.
{
  const SIZE = 16384, ears = [], { connect, disconnect } = AudioNode.prototype, { play } = HTMLMediaElement.prototype;
  const earOf = new WeakMap();
  let own = null;

  function ear(context, sounds) {
    const analyser = new AnalyserNode(context, { fftSize: SIZE });
    ears.push({ context, analyser, sounds });
    return analyser;
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

  // When what a context has made up to now is heard, in milliseconds since 1970: this thread may have waited for its turn.
  function momentOf(context) {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    const since = performanceTime ? performanceTime + (context.currentTime - contextTime) * 1000 : performance.now();
    return performance.timeOrigin + since;
  }

  // What each ear heard just now, as base64 of 32-bit floats of one channel, and when, in milliseconds since 1970.
  window.earHears = async () => {
    const longest = Math.max(0, ...ears.map(({ context }) => SIZE / context.sampleRate));
    await new Promise((done) => { setTimeout(done, longest * 1000 + 20); });
    return ears.filter(({ context, sounds }) => context.state === 'running' && sounds()).map(({ context, analyser }) => {
      const heard = new Float32Array(SIZE);
      analyser.getFloatTimeDomainData(heard);
      const bytes = new Uint8Array(heard.buffer), parts = [];
      for (let at = 0; at < bytes.length; at += 32768) parts.push(String.fromCharCode(...bytes.subarray(at, at + 32768)));
      return { rate: context.sampleRate, sound: btoa(parts.join('')), at: momentOf(context) };
    });
  };
}
