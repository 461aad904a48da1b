"""A push service to be spoken to over TLS: HTTP/1.1 and HTTP/2, with the answers that it is told to give.

    python3 push_service.py FOLDER

Makes a certificate authority and a certificate for push.test and localhost in FOLDER (ca.pem), listens on a free port of 127.0.0.1 and
prints {"port": N}. Each line of standard input is one answer, given to the next request that has none yet, or, with a "path", to every
request whose path begins with it, until another is given for that path; the longest such path counts. With "times" as well it is
given so often, before whatever stands for the path. What was written before a request came counts for it:

    {"status": 201, "headers": {}, "body": "", "delay": 0, "how": "whole"}

`how`: `whole`; `cut` (the connection ends before an answer), `half` (in the middle of the body), `hang` (no answer),
`drip` (a byte of the body now and then), `huge` (a body without an end), `goaway` (HTTP/2: the connection ends after it).
Every request is a line of standard output: method, path, headers, body (base64), connection (a number), http (1 or 2), at (seconds
of a clock that only goes forward).
"""

import asyncio
import base64
import datetime
import json
import os
import ssl
import sys
import time

import h2.config
import h2.connection
import h2.events
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

HOST = "push.test"
answers: asyncio.Queue = asyncio.Queue()
standing: dict[str, dict] = {}
passing: dict[str, list[dict]] = {}
rest = b""
over = asyncio.Event()
connections = 0


def certificate(folder):
    now = datetime.datetime.utcnow()

    def build(subject, key, issuer, signer, extensions):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=2)))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signer, hashes.SHA256())

    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = build("test authority", authority, "test authority", authority,
                 [(x509.BasicConstraints(ca=True, path_length=0), True)])
    leaf = build(HOST, key, "test authority", authority, [(x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName("localhost")]), False)])
    pem = serialization.Encoding.PEM
    with open(os.path.join(folder, "ca.pem"), "wb") as file:
        file.write(root.public_bytes(pem))
    with open(os.path.join(folder, "server.pem"), "wb") as file:
        file.write(key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + leaf.public_bytes(pem))


def account_keys(folder):
    """For accounts that nobody trusts: a service account's in rsa.pem, an app's in apple.p8."""
    with open(os.path.join(folder, "apple.p8"), "wb") as file:
        file.write(ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with open(os.path.join(folder, "rsa.pem"), "wb") as file:
        file.write(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def take():
    """Takes in whatever was written to standard input by now."""
    global rest
    while True:
        try:
            part = os.read(0, 65_536)
        except BlockingIOError:
            return
        if not part:
            return over.set()
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            answer = json.loads(line)
            path, times = answer.pop("path", None), answer.pop("times", None)
            if path is None:
                answers.put_nowait(answer)
            elif times is None:
                standing[path] = answer
            else:
                passing.setdefault(path, []).extend([answer] * times)


def report(method, path, headers, body, connection, http):
    """Says what was asked.

    Returns the answer for its path, if there is one: what somebody writes who has read this line is for the next request.
    """
    take()
    known = max((start for start in (*standing, *passing) if path.startswith(start)), key=len, default=None)
    given = passing[known].pop(0) if known in passing else standing.get(known)
    if known in passing and not passing[known]:
        del passing[known]
    print(json.dumps({
        "method": method, "path": path, "headers": headers, "body": base64.b64encode(body).decode(),
        "connection": connection, "http": http, "at": time.monotonic()}), flush=True)
    return given


async def told(given):
    answer = {"status": 201, "headers": {}, "body": "", "delay": 0, "how": "whole"}
    answer.update(await answers.get() if given is None else given)
    if answer["delay"]:
        await asyncio.sleep(answer["delay"])
    if answer["how"] == "hang":
        await asyncio.sleep(3600)
    return answer


async def one(reader, writer, connection):
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            if line:
                name, value = line.split(":", 1)
                headers[name.strip().lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        answer = await told(report(method, path, headers, body, connection, 1))
        if answer["how"] == "cut":
            return
        body = answer["body"].encode()
        length = len(body) + (64 if answer["how"] in ("half", "drip") else 1 << 40 if answer["how"] == "huge" else 0)
        text = f"HTTP/1.1 {answer['status']} x\r\ncontent-length: {length}\r\n"
        text += "".join(f"{name}: {value}\r\n" for name, value in answer["headers"].items())
        writer.write(text.encode() + b"\r\n" + body)
        await writer.drain()
        if answer["how"] == "half":
            return
        while answer["how"] in ("drip", "huge"):
            writer.write(b"x" * (1 if answer["how"] == "drip" else 65_536))
            await writer.drain()
            if answer["how"] == "drip":
                await asyncio.sleep(0.2)


async def two(reader, writer, connection):
    http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
    http.initiate_connection()
    writer.write(http.data_to_send())
    requests, tasks = {}, set()

    async def respond(stream):
        headers, body = requests.pop(stream)
        answer = await told(report(
            headers[":method"], headers[":path"], {k: v for k, v in headers.items() if not k.startswith(":")}, body,
            connection, 2))
        if answer["how"] == "cut":
            writer.close()
            return
        body = answer["body"].encode()
        http.send_headers(stream, [(":status", str(answer["status"]))] + list(answer["headers"].items()),
                          end_stream=not body and answer["how"] == "whole")
        if body:
            http.send_data(stream, body, end_stream=answer["how"] in ("whole", "goaway"))
        elif answer["how"] == "goaway":
            http.end_stream(stream)
        if answer["how"] == "goaway":
            http.close_connection()
        writer.write(http.data_to_send())
        await writer.drain()
        if answer["how"] == "half":
            writer.close()
        while answer["how"] in ("drip", "huge"):
            room = min(http.local_flow_control_window(stream), http.max_outbound_frame_size)
            if room > 0:
                http.send_data(stream, b"x" * (1 if answer["how"] == "drip" else room))
            writer.write(http.data_to_send())
            await writer.drain()
            await asyncio.sleep(0.2 if answer["how"] == "drip" else 0.001)

    while data := await reader.read(65_536):
        for event in http.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                requests[event.stream_id] = (dict(event.headers), b"")
            elif isinstance(event, h2.events.DataReceived):
                headers, body = requests[event.stream_id]
                requests[event.stream_id] = (headers, body + event.data)
                http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                task = asyncio.create_task(respond(event.stream_id))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        writer.write(http.data_to_send())
        await writer.drain()


async def serve(reader, writer):
    global connections
    connections += 1
    try:
        chosen = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        await (two if chosen == "h2" else one)(reader, writer, connections)
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def main(folder):
    certificate(folder)
    account_keys(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "server.pem"))
    context.set_alpn_protocols(["h2", "http/1.1"])
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    os.set_blocking(0, False)
    asyncio.get_running_loop().add_reader(0, take)
    await over.wait()


# Ends with its standard input: whoever started it is gone then.
asyncio.run(main(sys.argv[1]))
