"""A client that speaks HTTP/2 over one connection, well or badly, as it is told.

    python3 http2_client.py PORT ALPN [WINDOW]

Connects to localhost:PORT, offers ALPN (names with commas between), gives each stream a window of WINDOW bytes. Each line of
standard input is one thing to do, each of standard output one thing that came; both are JSON objects:

    {"do": "request", "name": "a", "method": "GET", "path": "/", "fields": [["x", "y"]], "body": "", "open": false}
    {"do": "data", "name": "a", "bytes": 1000, "end": true}      more of a body that was left open
    {"do": "reset", "name": "a"}      {"do": "ping", "count": 1}      {"do": "settings", "count": 1}
    {"do": "heads", "count": 101, "path": "/"}      that many GET at once, whatever the other side allows
    {"do": "rapid", "count": 300, "path": "/"}      each GET followed by its reset
    {"do": "continuations", "count": 10}      a header block that does not end
    {"do": "still", "name": "a"}      gives this stream no more window
    {"do": "deaf"}      reads nothing any more      {"do": "close"}      closes its side in order

    {"is": "connected", "alpn": "h2"}      {"is": "settings", "streams": 100, "headers": 16384}
    {"is": "head", "name": "a", "status": 200, "fields": {}}      {"is": "data", "name": "a", "text": ""}
    {"is": "end", "name": "a"}      {"is": "reset", "name": "a", "code": 8}      {"is": "pong"}
    {"is": "goaway", "code": 0, "last": 1}      {"is": "closed"}: and then it ends
"""

import asyncio
import json
import ssl
import sys

import h2.config
import h2.connection
import h2.events
import h2.settings
from hyperframe.frame import ContinuationFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame

RESET, GOAWAY = 3, 7


def say(what, **more):
    print(json.dumps({"is": what, **more}), flush=True)


class Client:
    def __init__(self, port, alpn, window):
        self.port, self.alpn, self.window = port, alpn, window
        self.names, self.ids, self.still = {}, {}, set()
        self.waiting, self.deaf = b"", asyncio.Event()
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False,
            normalize_outbound_headers=False))

    async def run(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(self.alpn)
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context)
        say("connected", alpn=self.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        self.http.initiate_connection()
        self.http.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: self.window})
        # For the whole connection: what stops a stream is its own window.
        self.http.increment_flow_control_window(1 << 24)
        self.send()
        told = asyncio.create_task(self.follow_orders())
        try:
            while data := await self.reader.read(65_536):
                self.take(data)
                self.send()
                if self.deaf.is_set():
                    # Kept open, and not read. Whoever closes it is seen by what it was told before.
                    self.writer.transport.pause_reading()
                    await asyncio.sleep(3_600)
        except (ConnectionError, ssl.SSLError):
            pass
        told.cancel()
        say("closed")

    def send(self):
        self.writer.write(self.http.data_to_send())

    async def follow_orders(self):
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            self.obey(json.loads(line))
            self.send()

    def obey(self, order):
        name, count = order.get("name"), order.get("count", 1)
        match order["do"]:
            case "request":
                stream = self.http.get_next_available_stream_id()
                self.names[stream], self.ids[name] = name, stream
                body = order.get("body", "").encode()
                ends = not body and not order.get("open")
                self.http.send_headers(stream, self.head(order), end_stream=ends)
                if body:
                    self.http.send_data(stream, body, end_stream=not order.get("open"))
            case "data":
                self.http.send_data(self.ids[name], b"x" * order["bytes"], end_stream=order.get("end", False))
            case "reset":
                self.http.reset_stream(self.ids[name], 8)
            case "still":
                self.still.add(self.ids[name])
            case "ping":
                self.writer.write(PingFrame(0, b"12345678").serialize() * count)
            case "settings":
                self.writer.write(SettingsFrame(0).serialize() * count)
            case "heads" | "rapid":
                for number in range(count):
                    stream = 2 * number + 1
                    self.names[stream] = f"{number}"
                    frame = HeadersFrame(stream, self.http.encoder.encode(self.head(order)))
                    frame.flags |= {"END_HEADERS", "END_STREAM"}
                    self.writer.write(frame.serialize())
                    if order["do"] == "rapid":
                        self.writer.write(RstStreamFrame(stream, 8).serialize())
            case "continuations":
                self.writer.write(HeadersFrame(1, self.http.encoder.encode(self.head(order))).serialize())
                self.writer.write(ContinuationFrame(1, b"").serialize() * count)
            case "deaf":
                self.deaf.set()
            case "close":
                self.writer.close()

    def head(self, order):
        if "head" in order:
            return [tuple(field) for field in order["head"]]
        return [
            (":method", order.get("method", "GET")), (":scheme", "https"), (":authority", f"localhost:{self.port}"),
            (":path", order.get("path", "/")), *(tuple(field) for field in order.get("fields", []))]

    def take(self, data):
        """Frame by frame: after a GOAWAY the library takes nothing more, and streams go on; it knows nothing of some."""
        self.waiting += data
        while len(self.waiting) >= 9:
            end = 9 + int.from_bytes(self.waiting[:3], "big")
            if len(self.waiting) < end:
                return
            frame, self.waiting = self.waiting[:end], self.waiting[end:]
            if frame[3] == GOAWAY:
                say("goaway", last=int.from_bytes(frame[9:13], "big"), code=int.from_bytes(frame[13:17], "big"))
                continue
            if frame[3] == RESET:
                name = self.names.get(int.from_bytes(frame[5:9], "big"))
                say("reset", name=name, code=int.from_bytes(frame[9:13], "big"))
            try:
                events = self.http.receive_data(frame)
            except Exception as error:  # About streams that were opened behind the library's back.
                say("trouble", text=str(error))
                continue
            for event in events:
                self.happened(event)

    def happened(self, event):
        name = self.names.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.RemoteSettingsChanged):
            codes = h2.settings.SettingCodes
            changed = {code: event.changed_settings[code].new_value for code in event.changed_settings}
            say("settings", streams=changed.get(codes.MAX_CONCURRENT_STREAMS),
                headers=changed.get(codes.MAX_HEADER_LIST_SIZE))
        elif isinstance(event, h2.events.ResponseReceived):
            fields = dict(event.headers)
            say("head", name=name, status=int(fields[":status"]), fields=fields)
        elif isinstance(event, h2.events.DataReceived):
            say("data", name=name, text=event.data.decode("latin-1"))
            if event.stream_id not in self.still:
                self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            say("end", name=name)
        elif isinstance(event, h2.events.PingAckReceived):
            say("pong")


if __name__ == "__main__":
    asyncio.run(Client(
        int(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3]) if len(sys.argv) > 3 else 65_535).run())
