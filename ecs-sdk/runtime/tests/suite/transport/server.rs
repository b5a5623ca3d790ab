//! Servers on loopback that do to a connection what the test says, down to the byte.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

pub trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// A request as it came over the wire.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Method and target.
    pub line: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// One connection.
pub struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    socket: TcpStream,
    /// Counted from 0.
    pub number: usize,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Connection {
    /// Reads a request; `None` when the client closes.
    pub fn request(&mut self) -> Option<Request> {
        let mut line = String::new();
        self.stream.read_line(&mut line).ok().filter(|&read| read > 0)?;
        let line = line.rsplit_once(' ')?.0.to_owned();
        let mut request = Request { line, ..Request::default() };
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.split_once(':') else { break };
            request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        request.body = String::from_utf8(self.bytes(length)?).ok()?;
        self.seen.lock().unwrap().push(request.clone());
        Some(request)
    }

    pub fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).ok().map(|()| bytes)
    }

    /// Writes; false when the client has closed.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let stream = self.stream.get_mut();
        stream.write_all(bytes.as_ref()).and_then(|()| stream.flush()).is_ok()
    }

    /// Answers with status 200.
    pub fn answer(&mut self, body: impl AsRef<[u8]>) -> bool {
        self.answer_with("", body)
    }

    /// Answers with status 200 and more header lines, each with its end.
    pub fn answer_with(&mut self, headers: &str, body: impl AsRef<[u8]>) -> bool {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
        self.send([head.as_bytes(), body].concat())
    }

    /// Answers every request.
    pub fn serve(&mut self) {
        while self.request().is_some() {
            self.answer("{}");
        }
    }

    /// Passes bytes between the client and another server, for an exchange in which each waits for the other.
    pub fn tunnel(&mut self, target: &TcpStream) {
        let mut client = self.socket.try_clone().unwrap();
        let mut from = target.try_clone().unwrap();
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut client);
            let _ = client.shutdown(Shutdown::Write);
        });
        let _ = io::copy(&mut self.stream, &mut &*target);
        let _ = target.shutdown(Shutdown::Write);
    }

    /// Closes; the client finds out when it looks.
    pub fn close(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// Waits until the client closes.
    pub fn hold(&mut self) {
        let _ = io::copy(&mut self.stream, &mut io::sink());
    }
}

/// Answers until the test's process ends.
pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts on a free port; each connection has a thread.
    pub fn start(handler: impl Fn(&mut Connection) + Send + Sync + 'static) -> Self {
        Self::wrapped(|stream| Box::new(stream), handler)
    }

    /// Starts with something between the socket and the handler, such as TLS.
    pub fn wrapped(
        wrap: impl Fn(TcpStream) -> Box<dyn Stream> + Send + Sync + 'static,
        handler: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, connections) = (Arc::<Mutex<Vec<Request>>>::default(), Arc::new(AtomicUsize::new(0)));
        let server = Self { address, seen: seen.clone(), connections: connections.clone() };
        let shared = Arc::new((wrap, handler));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let number = connections.fetch_add(1, Ordering::SeqCst);
                let (shared, seen) = (shared.clone(), seen.clone());
                thread::spawn(move || {
                    let socket = stream.unwrap();
                    let stream = BufReader::new((shared.0)(socket.try_clone().unwrap()));
                    (shared.1)(&mut Connection { stream, socket, number, seen });
                });
            }
        });
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An address of the same server that does not count as loopback, so that proxies are used for it.
    pub fn proxied_url(&self) -> String {
        format!("http://0.0.0.0:{}", self.address.port())
    }

    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// An address on which nobody listens.
pub fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
