// Holds web/timing/clock.js and correction.js to vectors.json: `node vectors.mjs CLOCK CORRECTION VECTORS`.
// Prints what differs, then how many numbers were compared.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [clockFile, correctionFile, vectorsFile] = process.argv.slice(2);
const { ClockFilter, HouseClock, positionMs } = await import(pathToFileURL(clockFile));
const { NOTHING, correction } = await import(pathToFileURL(correctionFile));
const vectors = JSON.parse(readFileSync(vectorsFile, 'utf8'));
let compared = 0;

function same(what, is, wanted) {
  compared += 1;
  const close = is === wanted || typeof wanted === 'number' && Math.abs(is - wanted) <= 1e-6;
  if (!close) console.log(`${what}: ${is} instead of ${wanted}`);
}

vectors.filters.forEach((bursts, index) => {
  const filter = new ClockFilter();
  bursts.forEach((burst, turn) => {
    const where = `filter ${index} burst ${turn}`;
    same(`${where} believed`, filter.burst(burst.probes.map(([t0, t1, t2, t3]) => ({ t0, t1, t2, t3 })), burst.epoch), burst.believed);
    same(`${where} known`, filter.known, burst.known);
    same(`${where} time`, filter.timeMs(burst.at), burst.time);
    same(`${where} error`, filter.errorMs(burst.at), burst.error ?? (burst.known ? NaN : Infinity));
    same(`${where} drift`, filter.driftPpm, burst.driftPpm);
    same(`${where} delay`, filter.delayMs, burst.delay);
  });
});
let before = NOTHING;
vectors.ladder.forEach((wanted, index) => {
  before = correction(wanted.error, wanted.bar, before);
  for (const name of ['step', 'rate', 'forMs']) same(`ladder ${index} ${name}`, before[name], wanted[name]);
});
same('a bar that is no number', correction(9, NaN).step, 'none');
for (const { anchor: [atMs, position, rate, playing], at, is } of vectors.positions) {
  same('position', positionMs({ atMs, positionMs: position, rate, playing }, at), is);
}

// The keeper: eight probes a burst, lost ones left out, and a wall clock that ran on tells of a sleep.
let local = 0, wall = 5000, asked = 0;
const clock = new HouseClock(async (t0) => {
  asked += 1;
  local += 5;
  wall += 5;
  if (asked % 4 === 0) throw new Error('lost');
  local += 5;
  wall += 5;
  return { t0, t1: local + 70000 - 5, t2: local + 70000 - 5, epoch: 'one' };
}, { now: () => local, wall: () => wall });
same('measured', await clock.measure(), true);
same('asked', asked, 8);
same('time', clock.timeMs(), local + 70000);
wall += 3600e3;
const known = clock.filter;
await clock.measure();
same('after a sleep', known.floors.length, 1);
console.log(compared);
