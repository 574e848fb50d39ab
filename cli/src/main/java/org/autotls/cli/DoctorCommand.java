package org.autotls.cli;

import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import org.autotls.AutoTls;
import org.autotls.AutoTlsDoctor;
import org.autotls.Scheduler;
import org.autotls.Subject;
import org.autotls.Text;
import org.autotls.doctor.DnsLookup;
import org.autotls.doctor.Finding;
import org.autotls.doctor.Finding.Severity;
import org.autotls.rfc2136.ResolverLookup;
import org.autotls.store.DirectoryStore;
import org.autotls.store.MemoryStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code autotls doctor}: what would fail, before it costs a failed attempt. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Tell what would make issuing fail, and what to do about it, before it costs a failed attempt.",
            "",
            "Give it the options of the 'issue' or 'run' that you mean to start (of 'web' and 'proxy' likewise, but DIR by --certs). It"
                    + " looks at the directory and what is stored, the CA (clock, terms, account, external account binding,"
                    + " profile), the ports, and for each name at A, AAAA and CAA records and at the way to us: where a challenge"
                    + " port is free, it listens there while it looks, and asks itself what the CA would ask.",
            "",
            "Nothing is ordered, registered or written. Redirects are told, not followed. What only the outside sees, such as"
                    + " another view of DNS, it cannot see.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  autotls doctor www.example.com --certs /srv/certs --agree-tos",
            "  autotls doctor 'example.com,*.example.com' --certs /srv/certs --agree-tos --dns 1.1.1.1"
                    + " --challenge dns-01:exec:/etc/acme/dns_x.sh:convention=acme.sh",
            "  autotls doctor --certs /srv/certs --http-port 80 --json"
        })
final class DoctorCommand implements Callable<Integer> {

    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private final CommandContext context;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            description = "As for 'issue'. Default: all entries of the directory.")
    private List<String> names = List.of();

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private ChallengePort challenges = new ChallengePort();

    @Mixin
    private CaOptions ca = new CaOptions();

    @Option(
            names = "--dns",
            paramLabel = "HOST[:PORT]",
            description = "Ask this DNS server. Default: the system's, which may see another DNS than the CA.")
    private @Nullable String dns;

    @Option(
            names = "--ca-http-port",
            paramLabel = "PORT",
            description = "Where the CA asks for http-01, for CAs that are made for tests. Default: 80.")
    private int askedHttp = HTTP;

    @Option(
            names = "--ca-tls-port",
            paramLabel = "PORT",
            description = "Where the CA asks for tls-alpn-01, for CAs that are made for tests. Default: 443.")
    private int askedTls = HTTPS;

    @Option(names = "--json", description = "Print JSON: an array with an object for each finding.")
    private boolean json;

    DoctorCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        Logs.quiet();
        challenges.address(); // wrong options are no findings
        AutoTlsDoctor doctor =
                AutoTlsDoctor.of(ca.apply(store.builder()), lookup()).askedOn(askedHttp, askedTls);
        if (!store.isLocal() && (ca.needsTlsPort() || challenges.isGiven())) {
            doctor.tlsPort(responder -> {
                MemoryStore nothing = new MemoryStore(Scheduler.system());
                return challenges.start(
                        AutoTls.with(nothing, nothing, nothing)
                                .withoutSchedule()
                                .responder(responder),
                        true,
                        context.stop());
            });
        }
        List<Finding> findings = doctor.examine(subjects());
        context.terminal()
                .out()
                .print(
                        json
                                ? DoctorReport.json(findings)
                                : DoctorReport.forPeople(
                                        findings, context.terminal().ansi()));
        context.terminal().out().flush();
        boolean fails = findings.stream().anyMatch(finding -> finding.severity() == Severity.PROBLEM);
        return (fails ? ExitCode.WOULD_FAIL : ExitCode.OK).code();
    }

    private List<Subject> subjects() {
        if (!names.isEmpty()) {
            return names.stream().map(NameArguments::subject).distinct().toList();
        }
        if (!Files.isReadable(store.directory())) {
            return List.of(); // it is told what is the matter with it
        }
        DirectoryStore directory = DirectoryStore.openReadOnly(store.directory(), Scheduler.system());
        return directory.list().keySet().stream().sorted().toList();
    }

    private DnsLookup lookup() {
        String given = dns;
        if (given == null) {
            return ResolverLookup.system();
        }
        return ChallengeChoice.server(given)
                .map(server -> ResolverLookup.at(ChallengeChoice.resolved("--dns", server)))
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.USAGE, "--dns " + Text.escape(given) + ": expected HOST or HOST:PORT"));
    }
}
