//! `vpaura serve`.

use clap::Args;
use vpaura_engine::Engine;
use vpaura_server::Server;

use crate::error::Result;
use crate::open_files;

/// Serves until it is told to stop (SIGTERM or Ctrl-C), then drains.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The address to listen on, over the configuration's
    #[arg(long)]
    host: Option<std::net::IpAddr>,
    /// The port to listen on, over the configuration's; 0 takes any free one
    #[arg(long)]
    port: Option<u16>,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<()> {
        let mut config = super::load_config()?;
        config.server.host = self.host.unwrap_or(config.server.host);
        config.server.port = self.port.unwrap_or(config.server.port);
        vpaura_server::logging::init(&config.log).map_err(std::io::Error::other)?;
        if let Err(error) = open_files::allow_most() {
            tracing::warn!(%error, "the limit of open files stays as it is");
        }
        let engine = Engine::assemble(&config).await?;
        let model = engine.default_model();
        let server = Server::bind(engine, &config).await?;
        let address = server.local_addr();
        tracing::info!(%address, %model, "VPAura listens on http://{address}");
        let left = server.run(vpaura_server::stop_signal()).await;
        if left > 0 {
            tracing::info!(left, "{left} runs go on when a server starts again");
        }
        Ok(())
    }
}
