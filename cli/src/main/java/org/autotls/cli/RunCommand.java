package org.autotls.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code autotls run}: the issuing service alone. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Keep the certificates of a directory up to date, and serve nothing.",
            "",
            "Other programs read the directory: 'autotls web --port txsni:DIR:…', txsni, HAProxy.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  autotls run --certs /srv/certs --http-port 80 --agree-tos",
            "  autotls run --certs certs --local"
        })
final class RunCommand implements Callable<Integer> {

    private final CommandContext context;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private ChallengePort challenges = new ChallengePort();

    @Mixin
    private CaOptions ca = new CaOptions();

    RunCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        context.stop().serve();
        boolean needsPort = challenges.isNeeded(store.isLocal(), ca);
        try (ChallengePort.Running running = challenges.start(ca.apply(store.builder()), needsPort, context.stop())) {
            Logs.APP.info("Keeping certificates up to date; stop with SIGTERM.");
            context.stop().await();
        }
        return ExitCode.OK.code();
    }
}
