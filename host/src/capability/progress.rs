//! `mpp:tool/progress`: how far the call is, for who waits for it. It acts outside
//! the sandbox as soon as somebody listens, and not at all where nobody does.

use crate::bindings::mpp::tool::progress;
use crate::progress::Step;
use crate::sandbox::Sandbox;

impl progress::Host for Sandbox {
    async fn report(
        &mut self,
        done: f64,
        total: Option<f64>,
        message: Option<String>,
    ) -> wasmtime::Result<()> {
        let Some(listening) = self.progress.clone() else { return Ok(()) };
        let Some((step, cut)) = Step::new(done, total, message) else { return Ok(()) };
        let durable = self.effects.durable().await?;
        if self.journal.report(&step, cut) {
            listening.tell(&durable, step);
        }
        Ok(())
    }
}
