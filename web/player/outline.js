// The outline of the song behind the seek bar. Where the server has none yet, the plain bar stays.
const POINTS = 240;
let peaks = null, shown = 0;

const canvas = () => document.getElementById('outline');

// The ticket of the song's audioUrl opens its outline as well. Before the sound was measured there is none to ask for.
export async function outline(song, measured) {
  peaks = null;
  shown = 0;
  canvas().dataset.song = song.id;
  canvas().parentElement.classList.remove('drawn');
  if (!measured) return;
  const ticket = new URL(song.audioUrl, location.origin).searchParams.get('ticket');
  try {
    const answer = await fetch(`/waveform/${song.id}?points=${POINTS}&ticket=${encodeURIComponent(ticket)}`,
      { headers: { accept: 'application/octet-stream' } });
    if (!answer.ok || song.id !== canvas().dataset.song) return;
    peaks = new Uint8Array(await answer.arrayBuffer());
  } catch { return; }
  canvas().parentElement.classList.add('drawn');
  draw(shown);
}

// A bar that is plain: what plays is no song of ours.
export function noOutline() {
  peaks = null;
  canvas().dataset.song = '';
  canvas().parentElement.classList.remove('drawn');
}

// `part`, from 0 to 1, is how much of the song is over.
export function draw(part) {
  shown = part;
  if (!peaks?.length) return;
  const place = canvas(), box = place.getBoundingClientRect(), scale = devicePixelRatio || 1;
  if (!box.width) return;
  const width = Math.round(box.width * scale), height = Math.round(box.height * scale);
  if (place.width !== width || place.height !== height) Object.assign(place, { width, height });
  const pen = place.getContext('2d'), style = getComputedStyle(place);
  const over = style.getPropertyValue('--accent'), ahead = style.getPropertyValue('--soft');
  const bars = Math.max(1, Math.floor(width / (3 * scale))), step = width / bars;
  pen.clearRect(0, 0, width, height);
  for (let bar = 0; bar < bars; bar += 1) {
    const from = Math.floor(bar * peaks.length / bars), to = Math.max(from + 1, Math.floor((bar + 1) * peaks.length / bars));
    const tall = Math.max(2 * scale, height * Math.max(...peaks.subarray(from, to)) / 255);
    pen.fillStyle = (bar + 0.5) / bars <= part ? over : ahead;
    pen.fillRect(bar * step, (height - tall) / 2, Math.max(1, step - scale), tall);
  }
}
