// What the name of a file says of its song: "03 - Low Tide.flac" is "Low Tide", track 3. Pure.
const NUMBERED = /^(?:(\d)-)?(\d{1,3})(?:\s*[-._)]\s*|\s+)(?=\S)(.+)$/;

export function guess(fileName) {
  const plain = fileName.replace(/\.[A-Za-z0-9]{1,5}$/, '').replaceAll('_', ' ').replace(/\s+/g, ' ').trim();
  const [, disc, track, rest] = NUMBERED.exec(plain) ?? [];
  const title = (rest ?? plain).slice(0, 200);
  return { title: title || fileName.slice(0, 200), trackNumber: track && rest ? Number(track) : null, discNumber: disc && rest ? Number(disc) : null };
}
