//! The lines that the program prints at the start.

use std::io::{self, Write};

use ecs_emulator::Emulator;

use super::{arguments::Server, certificate::Certificate};

/// Prints how to use the emulator. Standard output may be closed.
pub(crate) fn print(emulator: &Emulator, arguments: &Server, certificate: Option<&Certificate>) {
    let _ = write(&mut io::stdout().lock(), emulator, arguments, certificate);
}

fn write(
    out: &mut impl Write,
    emulator: &Emulator,
    arguments: &Server,
    certificate: Option<&Certificate>,
) -> io::Result<()> {
    let endpoint = emulator.endpoint();
    writeln!(out, "emulator at {endpoint}")?;
    for address in &emulator.addresses()[1..] {
        writeln!(out, "also at http://{address}")?;
    }
    if certificate.is_some() {
        for address in emulator.addresses() {
            writeln!(out, "with TLS at https://{address}")?;
        }
    }
    let keys: String = arguments.access_keys.iter().map(|key| format!(", {}=…", key.id)).collect();
    writeln!(out, "keys: testid=testsecret{keys}")?;
    writeln!(out, "to use it: export ALIBABA_CLOUD_ECS_ENDPOINT={endpoint} ALIBABA_CLOUD_ACCESS_KEY_ID=testid \\")?;
    writeln!(out, "    ALIBABA_CLOUD_ACCESS_KEY_SECRET=testsecret ALIBABA_CLOUD_REGION_ID={}", arguments.region)?;
    if let Some(authority) = certificate.and_then(Certificate::authority) {
        let path = authority.display();
        writeln!(out, "to trust its certificate: export SSL_CERT_FILE={path} REQUESTS_CA_BUNDLE={path} \\")?;
        writeln!(out, "    NODE_EXTRA_CA_CERTS={path}")?;
    }
    writeln!(out, "control (state, faults, time, requests): curl {endpoint}/emulator")?;
    writeln!(out, "press Ctrl-C to stop")?;
    out.flush()
}
