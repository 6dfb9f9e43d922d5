//! The Penstock command.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use clap::Parser;
use penstock::{
    admin, check,
    cli::{Cli, Command, EXIT_FAILED, EXIT_REFUSED, Settings},
    config::Config,
    demo, journal, order, password,
    refused::{Refused, refused},
    rings, serve, top, venue,
};
use tuning::plan::Process;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("penstock: {error:#}");
            ExitCode::from(if error.is::<Refused>() { EXIT_REFUSED } else { EXIT_FAILED })
        }
    }
}

fn dispatch(Cli { settings, command }: Cli) -> anyhow::Result<ExitCode> {
    let run = |process| serve::serve(&load(&settings)?, &settings.data, &process);
    match command.unwrap_or(Command::Run) {
        Command::Run => run(Process::Venue),
        Command::Gateway { names } => {
            let config = load(&settings)?;
            let process = Process::Gateways(venue::named(&config, &names).map_err(refused)?);
            serve::serve(&config, &settings.data, &process)
        }
        Command::Matcher { shards } => {
            let config = load(&settings)?;
            let process = Process::Matchers(venue::shards(&config, &shards).map_err(refused)?);
            serve::serve(&config, &settings.data, &process)
        }
        Command::Check { file } => {
            let file = file.or(settings.config);
            let mut out = io::stdout().lock();
            let colour = out.is_terminal();
            Ok(check::check(file.as_deref(), &settings.set, venue::reserved, &mut out, colour)?)
        }
        Command::Config => {
            check::print_default(&mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Password => {
            password::password(&mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Rings => {
            let config = load(&settings)?;
            let mut out = io::stdout().lock();
            Ok(rings::rings(&config.rings.directory, &settings.data, &mut out)?)
        }
        Command::Admin { request } => {
            admin::client::admin(&settings.data, &request, &mut io::stdout().lock())
        }
        Command::Session { json, request } => {
            let request = admin::session::Request::Session(request);
            admin::session::session(&settings.data, &request, json, &mut io::stdout().lock())
        }
        Command::Drain => {
            let out = &mut io::stdout().lock();
            admin::session::session(&settings.data, &admin::session::Request::Drain, false, out)
        }
        Command::Top(args) => top::top(&settings.data, &args),
        Command::Order(args) => {
            let config = config(&settings)?;
            order::order(&args, config.binary.acceptor.listen, &mut io::stdout().lock())
        }
        Command::Journal { request } => {
            let config = config(&settings)?;
            journal::journal(&request, &config, &settings.data, &mut io::stdout().lock())
        }
        Command::Demo(args) => demo::demo(&load(&settings)?, &settings.data, &args),
    }
}

/// The configuration, its log started.
fn load(settings: &Settings) -> anyhow::Result<Config> {
    let config = config(settings)?;
    serve::start_log(&config);
    Ok(config)
}

fn config(settings: &Settings) -> anyhow::Result<Config> {
    check::load(settings.config.as_deref(), &settings.set).map_err(|errors| {
        let text = errors.render(io::stderr().is_terminal(), check::WIDTH);
        refused(format!("the configuration is refused\n\n{text}"))
    })
}
