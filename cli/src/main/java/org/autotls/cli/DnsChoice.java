package org.autotls.cli;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.autotls.DnsRecords;
import org.autotls.Responder;
import org.autotls.Scheduler;
import org.autotls.Text;
import org.autotls.endpoint.EndpointArguments;
import org.autotls.endpoint.EndpointDescription;
import org.autotls.endpoint.EndpointDescription.Field;
import org.autotls.responder.Dns01Responder;
import org.autotls.responder.DnsPersist01Responder;
import org.autotls.responder.HookConvention;
import org.autotls.responder.HookRecords;
import org.autotls.rfc2136.DnsClient;
import org.autotls.rfc2136.Rfc2136Records;
import org.autotls.rfc2136.TsigKey;

/**
 * How dns-01 writes, asks and waits. Immutable; files are read and names resolved by {@link #responder} only.
 *
 * @param server that takes updates and so knows the zone; empty for a hook
 * @param resolver asked before the system's; empty if there is none
 * @param propagation how long values may take to spread; zero not to wait
 * @param records makes the writer
 */
record DnsChoice(
        Optional<InetSocketAddress> server,
        Optional<InetSocketAddress> resolver,
        Duration propagation,
        Function<Tools, DnsRecords> records) {

    /**
     * What a writer is made with.
     *
     * @param dns who is asked
     * @param certificates the certificate directory
     */
    record Tools(DnsClient dns, Path certificates) {}

    private static final String COMMON = "[:resolver=HOST\\:PORT][:propagation=SECONDS]";
    private static final String UPDATES =
            "dns-01:rfc2136:server=HOST\\:PORT:key=NAME:secret-file=FILE[:algorithm=hmac-sha256]" + COMMON;
    private static final String EXEC =
            "dns-01:exec:PROGRAM[:convention=lego|lego-raw|dehydrated|acme.sh][:timeout=SECONDS]" + COMMON;
    private static final int DEFAULT_PROPAGATION = 120;

    /** What is expected where a way to write is named. */
    static final String WAYS = "a way to write TXT records: rfc2136, exec, " + String.join(", ", DnsProvider.words());

    /** Reads one, as it stands behind the challenge type. */
    static DnsChoice parse(EndpointDescription way) {
        String word = way.prefix().value();
        return switch (word) {
            case "rfc2136" -> rfc2136(way);
            case "exec" -> exec(way);
            default -> provider(way, DnsProvider.find(word).orElseThrow(() -> way.refuse(way.prefix(), WAYS)));
        };
    }

    private static DnsChoice provider(EndpointDescription description, DnsProvider provider) {
        List<String> names = new ArrayList<>(provider.parameters());
        String usage = "dns-01:" + provider.word() + ":" + String.join("=…:", names) + "=…" + COMMON;
        names.addAll(List.of("api", "resolver", "propagation"));
        EndpointArguments arguments = EndpointArguments.of(description, usage, names.toArray(String[]::new));
        Function<Path, DnsRecords> records = provider.parse(description, arguments);
        return new DnsChoice(
                Optional.empty(),
                resolver(description, arguments),
                propagation(arguments),
                tools -> records.apply(tools.certificates()));
    }

    /** Of dns-persist-01 without a writer: who is asked, and no more. */
    static DnsChoice lookOnly(EndpointDescription description) {
        EndpointArguments arguments = EndpointArguments.of(description, "dns-persist-01[:resolver=…]", "resolver");
        return new DnsChoice(
                Optional.empty(), resolver(description, arguments), Duration.ofSeconds(DEFAULT_PROPAGATION), tools -> {
                    throw new IllegalStateException("nothing is written");
                });
    }

    private static DnsChoice rfc2136(EndpointDescription description) {
        EndpointArguments arguments = EndpointArguments.of(
                description, UPDATES, "server", "key", "secret-file", "algorithm", "resolver", "propagation");
        Field serverField = arguments.require("server", "server=HOST\\:PORT, which takes updates");
        InetSocketAddress server = ChallengeChoice.server(description, serverField);
        String key = arguments.require("key", "key=NAME, the TSIG key's name").value();
        String expected = "secret-file=FILE with the key's secret";
        Path file = ChallengeChoice.path(description, arguments.require("secret-file", expected), expected);
        String algorithm = arguments.find("algorithm").map(Field::value).orElse(TsigKey.DEFAULT_ALGORITHM);
        arguments.find("algorithm").filter(field -> !isAlgorithm(field.value())).ifPresent(field -> {
            throw description.refuse(field, "a TSIG algorithm such as hmac-sha256");
        });
        return new DnsChoice(
                Optional.of(server),
                resolver(description, arguments),
                propagation(arguments),
                tools -> new Rfc2136Records(
                        ChallengeChoice.resolved(server),
                        DnsProvider.fromFile(file, text -> TsigKey.parse(key, algorithm, text)),
                        tools.dns(),
                        Scheduler.system()));
    }

    private static DnsChoice exec(EndpointDescription description) {
        EndpointArguments arguments =
                EndpointArguments.of(description, EXEC, "program", "convention", "timeout", "resolver", "propagation");
        String expected = "the path of a program";
        Path program = ChallengeChoice.path(description, arguments.require("program", expected), expected);
        HookConvention convention = arguments
                .find("convention")
                .map(field -> convention(description, field))
                .orElse(HookConvention.LEGO);
        Duration limit =
                Duration.ofSeconds(seconds(arguments, "timeout", 1, (int) HookRecords.DEFAULT_LIMIT.toSeconds()));
        return new DnsChoice(
                Optional.empty(),
                resolver(description, arguments),
                propagation(arguments),
                tools -> new HookRecords(runnable(program, convention), convention, limit));
    }

    /** A script for acme.sh is read by a shell, what else there is has to be a program. */
    private static Path runnable(Path program, HookConvention convention) {
        boolean script = convention == HookConvention.ACME_SH;
        if (!Files.isRegularFile(program) || !(script ? Files.isReadable(program) : Files.isExecutable(program))) {
            throw new CommandFailure(
                    ExitCode.DIRECTORY,
                    "--challenge: the program " + Text.escape(program.toString()) + " is missing or cannot be "
                            + (script ? "read" : "run"));
        }
        return program;
    }

    /**
     * Makes the responder.
     *
     * @param type one of the dns challenges
     * @param writes whether values are written at all
     * @param certificates the certificate directory
     * @throws CommandFailure if the secret cannot be read, or a server has no address
     */
    Responder responder(String type, boolean writes, Path certificates) {
        DnsClient dns = new DnsClient(Stream.of(resolver, server)
                .flatMap(Optional::stream)
                .map(ChallengeChoice::resolved)
                .toList());
        Scheduler scheduler = Scheduler.system();
        if (!writes) {
            return new DnsPersist01Responder(dns, scheduler);
        }
        Tools tools = new Tools(dns, certificates);
        return switch (type) {
            case ChallengeChoice.DNS -> new Dns01Responder(records.apply(tools), dns, scheduler, propagation);
            case ChallengeChoice.DNS_ACCOUNT ->
                Dns01Responder.ofAccount(records.apply(tools), dns, scheduler, propagation);
            case ChallengeChoice.DNS_PERSIST ->
                new DnsPersist01Responder(
                        records.apply(tools),
                        dns,
                        scheduler,
                        propagation.isZero() ? Duration.ofSeconds(DEFAULT_PROPAGATION) : propagation);
            default -> throw new IllegalStateException(type + " is not written to DNS");
        };
    }

    private static boolean isAlgorithm(String text) {
        try {
            return !new TsigKey("name", text, "AAAA").toString().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static HookConvention convention(EndpointDescription description, Field field) {
        return Arrays.stream(HookConvention.values())
                .filter(one -> one.word().equals(field.value()))
                .findFirst()
                .orElseThrow(() -> description.refuse(field, "one of " + String.join(", ", HookConvention.words())));
    }

    private static Optional<InetSocketAddress> resolver(EndpointDescription description, EndpointArguments arguments) {
        return arguments.find("resolver").map(field -> ChallengeChoice.server(description, field));
    }

    private static Duration propagation(EndpointArguments arguments) {
        return Duration.ofSeconds(seconds(arguments, "propagation", 0, DEFAULT_PROPAGATION));
    }

    private static int seconds(EndpointArguments arguments, String name, int least, int otherwise) {
        return arguments
                .find(name)
                .map(field -> arguments.number(field, 10, least, 3600, "seconds from " + least + " to 3600"))
                .orElse(otherwise);
    }
}
