// A Socket.IO server for bench/realtime.py: one room, told by whoever asks, watching its own loop.
//   node socket_io.cjs FOLDER_OF_NODE_MODULES [REDIS_URL]
"use strict";

const { createRequire } = require("node:module");
const { createServer } = require("node:http");

const [folder, redisUrl] = process.argv.slice(2);
const installed = createRequire(folder + "/");
const { Server } = installed("socket.io");

const LAG_EVERY_MS = 5;
const seconds = () => Number(process.hrtime.bigint()) / 1e9;
let lags = [];
let works = [];
let before = seconds();
let used = process.cpuUsage();
setInterval(() => {
  const now = seconds();
  lags.push(Math.max(0, now - before - LAG_EVERY_MS / 1000));
  const { user, system } = process.cpuUsage(used);
  works.push((user + system) / 1e6);
  used = process.cpuUsage();
  before = now;
}, LAG_EVERY_MS);

async function serve() {
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
  if (redisUrl) {
    const { createClient } = installed("redis");
    const { createAdapter } = installed("@socket.io/redis-adapter");
    const publisher = createClient({ url: redisUrl });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    io.adapter(createAdapter(publisher, subscriber));
  }
  io.on("connection", (socket) => {
    socket.on("follow", (answer) => {
      socket.join("bench");
      answer({});
    });
    socket.on("say", (asked, answer) => {
      io.to("bench").emit("queue", { rev: asked.n, at: asked.at, pad: "x".repeat(asked.pad) });
      answer({});
    });
    socket.on("figures", (_, answer) => {
      answer({ sockets: io.engine.clientsCount, lag: lags, work: works });
      [lags, works] = [[], []];
    });
  });
  http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(http.address().port));
}

serve();
