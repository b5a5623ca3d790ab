//! A server on loopback that gives tests control over every byte of a connection.

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

/// A request that the server received.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Method and target.
    pub line: String,
    /// Header names, in lower case, and values.
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A connection from a client.
pub struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    socket: TcpStream,
    /// The number of the connection, starting at 0.
    pub number: usize,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Connection {
    /// Reads a request. Returns `None` if the client closes the connection.
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
        self.requests.lock().unwrap().push(request.clone());
        Some(request)
    }

    pub fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).ok().map(|()| bytes)
    }

    /// Sends bytes. Returns `false` if the client has closed the connection.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let stream = self.stream.get_mut();
        stream.write_all(bytes.as_ref()).and_then(|()| stream.flush()).is_ok()
    }

    /// Responds with status 200.
    pub fn respond(&mut self, body: impl AsRef<[u8]>) -> bool {
        self.respond_with_headers("", body)
    }

    /// Responds with status 200 and additional header lines, each of which ends in `\r\n`.
    pub fn respond_with_headers(&mut self, headers: &str, body: impl AsRef<[u8]>) -> bool {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
        self.send([head.as_bytes(), body].concat())
    }

    /// Responds to every request.
    pub fn serve(&mut self) {
        while self.request().is_some() {
            self.respond(r#"{"RequestId":"R"}"#);
        }
    }

    /// Copies bytes between the client and another server in both directions.
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

    /// Closes the connection.
    pub fn close(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }

    /// Waits until the client closes the connection, even if the layer on top of the socket has failed.
    pub fn hold_socket(&mut self) {
        let _ = io::copy(&mut self.socket, &mut io::sink());
    }

    /// Waits until the client closes the connection.
    pub fn hold(&mut self) {
        let _ = io::copy(&mut self.stream, &mut io::sink());
    }
}

/// A server that runs until the process of the test exits.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server on a free port, with a thread for each connection.
    pub fn start(handler: impl Fn(&mut Connection) + Send + Sync + 'static) -> Self {
        Self::wrapped(|stream| Box::new(stream), handler)
    }

    /// Starts a server with a layer, such as TLS, between the socket and the handler.
    pub fn wrapped(
        wrap: impl Fn(TcpStream) -> Box<dyn Stream> + Send + Sync + 'static,
        handler: impl Fn(&mut Connection) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, connections) = (Arc::<Mutex<Vec<Request>>>::default(), Arc::new(AtomicUsize::new(0)));
        let server = Self { address, requests: requests.clone(), connections: connections.clone() };
        let shared = Arc::new((wrap, handler));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let number = connections.fetch_add(1, Ordering::SeqCst);
                let (shared, requests) = (shared.clone(), requests.clone());
                thread::spawn(move || {
                    let socket = stream.unwrap();
                    let stream = BufReader::new((shared.0)(socket.try_clone().unwrap()));
                    (shared.1)(&mut Connection { stream, socket, number, requests });
                });
            }
        });
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A URL of this server that is not a loopback address, so that clients use a proxy for it.
    pub fn proxied_url(&self) -> String {
        format!("http://0.0.0.0:{}", self.address.port())
    }

    /// The requests received so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Number of connections accepted so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// An address without a listener.
pub fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
