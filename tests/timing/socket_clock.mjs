// The page's own clock over a real socket: node --experimental-websocket socket_clock.mjs CLOCK_MODULE URL AHEAD_MS PPM
// Finds the house's time as a player whose clock is ahead and drifts, and says what it makes of one moment.
const [module, url, ahead, ppm] = process.argv.slice(2);
const { HouseClock } = await import(module);

const machine = () => Number(process.hrtime.bigint()) / 1e6;
const own = () => machine() * (1 + Number(ppm) / 1e6) + Number(ahead);
const socket = new WebSocket(url);
await new Promise((open, fail) => Object.assign(socket, { onopen: open, onerror: fail }));
const waiting = new Map();
socket.onmessage = ({ data }) => {
  const said = JSON.parse(data);
  waiting.get(said.re)?.(said);
};
let asked = 0;
const probe = (t0) => new Promise((answered) => {
  const id = String(asked += 1);
  waiting.set(id, answered);
  socket.send(JSON.stringify({ op: "clock", id, t0 }));
});
const clock = new HouseClock(probe, { now: own });
const believed = [];
for (let burst = 0; burst < 3; burst += 1) believed.push(await clock.measure());
const machineMs = machine();
const houseMs = clock.filter.timeMs(machineMs * (1 + Number(ppm) / 1e6) + Number(ahead));
console.log(JSON.stringify({ machineMs, houseMs, errorMs: clock.errorMs(), believed, epoch: clock.filter.epoch }));
socket.close();
