//! Holds up the first call of a kind.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use super::{Proxy, pass};

pub struct Hold {
    proxy: Proxy,
    came: Arc<AtomicBool>,
    let_go: Arc<AtomicBool>,
}

impl Hold {
    /// Passes everything on, the first call of this kind only when it is let go.
    pub fn start(call: &'static str) -> Self {
        let (came, let_go) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (held, go) = (Arc::clone(&came), Arc::clone(&let_go));
        let proxy = Proxy::start(move |request| {
            if request.call == call && !held.swap(true, Ordering::SeqCst) {
                while !go.load(Ordering::SeqCst) {
                    sleep(Duration::from_millis(20));
                }
            }
            Some(pass(request))
        });
        Hold { proxy, came, let_go }
    }

    pub fn url(&self) -> String {
        self.proxy.url()
    }

    /// Waits until there is a call to hold up.
    pub fn wait(&self) {
        let began = Instant::now();
        while !self.came.load(Ordering::SeqCst) {
            assert!(began.elapsed() < Duration::from_secs(20), "it does not come");
            sleep(Duration::from_millis(50));
        }
    }

    /// Passes it on.
    pub fn let_go(&self) {
        self.let_go.store(true, Ordering::SeqCst);
    }
}
