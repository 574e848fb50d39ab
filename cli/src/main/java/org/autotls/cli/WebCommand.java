package org.autotls.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.autotls.netty.TlsTerminator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code autotls web}: static files over HTTPS. */
@Command(
        name = "web",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Serve the files of a directory over HTTPS (HTTP/1.1 and HTTP/2).",
            "",
            "Directories are answered with their index.html, never with a listing. NAME.br or NAME.gz beside NAME is sent"
                    + " to clients that take it. Names that begin with a dot are hidden (but for .well-known), and symbolic"
                    + " links that lead out of ROOT are refused.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  autotls web --port local:certs:tcp:8443 --path ./site",
            "      a private CA; the log says where its root is and how to trust it",
            "  autotls web --port le:/srv/certs:tcp:443 --path ./site --agree-tos --http-port 80",
            "  autotls web --port txsni:/srv/certs:unix:/run/site.sock --path ./site"
        })
final class WebCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = "--port",
            paramLabel = "ENDPOINT",
            required = true,
            description = "Where certificates come from and where to listen; see 'autotls --help'.")
    private String endpoint = "";

    @Option(names = "--path", paramLabel = "ROOT", required = true, description = "The directory to serve.")
    private Path root = Path.of("");

    @Mixin
    private CaOptions ca = new CaOptions();

    WebCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        TlsServer server = TlsServer.parse(endpoint, ca);
        server.checkOutside(root);
        context.stop().serve();
        try (HttpEngine engine = HttpEngine.start(StaticSite.of(root), StaticSite.PATHS, context.temporary());
                TlsServer.Listening port = server.listen(
                        TlsTerminator.toUnix(engine.socket()).withProxyProtocol(), TlsServer.HTTP, context.stop())) {
            Logs.APP.info("Serving {} at {}", root, port.url());
            context.stop().await();
            port.finish(engine);
        }
        return ExitCode.OK.code();
    }
}
