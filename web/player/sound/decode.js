// Packets into samples by the browser's decoder (WebCodecs). Owns the decoder and the counting of samples; knows
// nothing of where packets come from. Samples are counted, never timed: time stamps are rounded to microseconds.
import { SoundTrouble } from './trouble.js';

const QUEUE_MOST = 48;

export const decoderThere = () => typeof globalThis.AudioDecoder === 'function';

function configuration({ codec, sampleRate, channels, description }) {
  // One and two channels of Opus need no header; without it nothing is thrown away behind our back.
  return { codec, sampleRate, numberOfChannels: channels, ...(description ? { description } : {}) };
}

export async function decodes(head) {
  if (!decoderThere()) return false;
  try { return (await AudioDecoder.isConfigSupported(configuration(head))).supported; } catch { return false; }
}

export class Decoder {
  // `hear(at, planes)` is given samples in order, `at` counted from the song's first.
  constructor(head, hear) {
    Object.assign(this, { head, hear, at: null, trouble: null, wake: null });
    this.open();
  }

  open() {
    this.decoder = new AudioDecoder({
      output: (data) => this.take(data),
      error: (error) => { this.trouble ??= new SoundTrouble('MALFORMED', `The song cannot be decoded: ${error.message}`); this.wake?.(); },
    });
    this.decoder.configure(configuration(this.head));
    this.decoder.ondequeue = () => this.wake?.();
  }

  take(data) {
    try {
      const planes = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
        const plane = new Float32Array(data.numberOfFrames);
        data.copyTo(plane, { planeIndex, format: 'f32-planar' });
        return plane;
      });
      this.hear(this.at, planes);
      this.at += data.numberOfFrames;
    } catch (error) { this.trouble ??= error instanceof SoundTrouble ? error : new SoundTrouble('MALFORMED', error.message); }
    finally { data.close(); this.wake?.(); }
  }

  // Resolves when there is room for more.
  async decode(packet) {
    if (this.trouble) throw this.trouble;
    this.at ??= packet.at;
    const { sampleRate } = this.head, timestamp = Math.round((packet.at * 1e6) / sampleRate);
    this.decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, duration: Math.round((packet.samples * 1e6) / sampleRate), data: packet.data }));
    while (this.decoder.decodeQueueSize > QUEUE_MOST && !this.trouble) await new Promise((done) => { this.wake = done; });
    if (this.trouble) throw this.trouble;
  }

  async flush() {
    if (this.trouble) throw this.trouble;
    try { await this.decoder.flush(); } catch (error) { throw this.trouble ?? new SoundTrouble('MALFORMED', error.message); }
    if (this.trouble) throw this.trouble;
  }

  close() { if (this.decoder.state !== 'closed') this.decoder.close(); this.wake?.(); }
}
