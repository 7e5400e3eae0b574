// A Centrifuge server for bench/realtime.py, the engine of Centrifugo: one channel, told by whoever asks.
//
//	centrifuge [REDIS_URL]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"
)

const lagEvery = 5 * time.Millisecond

// LagWatch knows how late a timer came, since somebody last asked.
type LagWatch struct {
	lock sync.Mutex
	lags []float64
}

func (w *LagWatch) run() {
	for {
		before := time.Now()
		time.Sleep(lagEvery)
		w.lock.Lock()
		w.lags = append(w.lags, (time.Since(before) - lagEvery).Seconds())
		w.lock.Unlock()
	}
}

func (w *LagWatch) taken() []float64 {
	w.lock.Lock()
	defer w.lock.Unlock()
	lags := w.lags
	w.lags = nil
	return lags
}

func must(trouble error) {
	if trouble != nil {
		fmt.Fprintln(os.Stderr, trouble)
		os.Exit(1)
	}
}

func main() {
	node, trouble := centrifuge.New(centrifuge.Config{})
	must(trouble)
	if len(os.Args) > 1 {
		shard, trouble := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{Address: os.Args[1]})
		must(trouble)
		broker, trouble := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{
			Shards: []*centrifuge.RedisShard{shard},
		})
		must(trouble)
		node.SetBroker(broker)
	}
	watch := &LagWatch{}
	go watch.run()
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{UserID: "bench"}}, nil
	})
	node.OnConnect(func(client *centrifuge.Client) {
		client.OnSubscribe(func(_ centrifuge.SubscribeEvent, answer centrifuge.SubscribeCallback) {
			answer(centrifuge.SubscribeReply{}, nil)
		})
		client.OnPublish(func(_ centrifuge.PublishEvent, answer centrifuge.PublishCallback) {
			answer(centrifuge.PublishReply{}, nil)
		})
		client.OnRPC(func(_ centrifuge.RPCEvent, answer centrifuge.RPCCallback) {
			data, trouble := json.Marshal(map[string]any{"sockets": node.Hub().NumClients(), "lag": watch.taken()})
			answer(centrifuge.RPCReply{Data: data}, trouble)
		})
	})
	must(node.Run())
	listener, trouble := net.Listen("tcp", "127.0.0.1:0")
	must(trouble)
	http.Handle("/connection/websocket", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{}))
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	must(http.Serve(listener, nil))
}
