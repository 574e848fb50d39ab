package org.autotls.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A running BIND 9 ({@code named}) on an address of the loopback interface, with zones that take updates signed with the key
 * {@code acme} for TXT. It is asked and changed from outside with {@code dig} and {@code nsupdate}.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class BindServer implements AutoCloseable {

    /** The name of the key that may write. */
    public static final String KEY = "acme";

    /** The secret of the key that may write, base64. */
    public static final String SECRET = "c2VjcmV0LW9mLWEtdGVzdC1zZWNyZXQtb2YtYS10ZXN0";

    /** How {@code dig} ends when it got no answer. */
    private static final int NO_REPLY = 9;

    private final List<String> enter;
    private final Path directory;
    private final InetSocketAddress address;
    private final Process process;

    private BindServer(List<String> enter, Path directory, InetSocketAddress address, Process process) {
        this.enter = enter;
        this.directory = directory;
        this.address = address;
        this.process = process;
    }

    /**
     * Starts a primary. Each zone has the name server {@code ns1} at 127.0.0.1 and answers 127.0.0.1 for every name in it.
     *
     * @param directory its own, made if missing
     * @param port a free port of 127.0.0.1, for UDP and TCP
     * @param more records for the first zone, one a line, in the form of a zone file; may be empty
     * @param zones what it holds
     * @return a server that answers
     */
    public static BindServer primary(Path directory, int port, String more, String... zones) {
        return primary(List.of(), directory, port, more, zones);
    }

    /**
     * As above, in another network.
     *
     * @param enter what stands before a command that is to run there; empty for this network
     * @param directory its own, made if missing
     * @param port a free port of 127.0.0.1 there, for UDP and TCP
     * @param more records for the first zone; may be empty
     * @param zones what it holds
     * @return a server that answers
     */
    public static BindServer primary(List<String> enter, Path directory, int port, String more, String... zones) {
        StringBuilder configuration = new StringBuilder(options(directory, port));
        String records = more;
        for (String zone : zones) {
            write(
                    directory.resolve(zone + ".zone"),
                    "$TTL 1\n@ IN SOA ns1 root 1 2 2 600 1\n@ IN NS ns1\n@ IN A 127.0.0.1\nns1 IN A 127.0.0.1\n"
                            + "* IN A 127.0.0.1\n" + records + "\n");
            configuration.append(String.format(
                    "zone \"%s\" { type primary; file \"%s.zone\"; update-policy { grant %s. zonesub TXT; }; };%n",
                    zone, zone, KEY));
            records = "";
        }
        return start(enter, directory, port, configuration.toString(), zones[0]);
    }

    /**
     * Starts a secondary that nobody notifies: it looks for changes every two seconds.
     *
     * @param directory its own, made if missing
     * @param port a free port of 127.0.0.1, for UDP and TCP
     * @param primary where the zone comes from
     * @param zone of the primary
     * @return a server that answers
     */
    public static BindServer laggingSecondary(Path directory, int port, BindServer primary, String zone) {
        String configuration = options(directory, port)
                + String.format(
                        "zone \"%s\" { type secondary; file \"copy\"; primaries { 127.0.0.1 port %d; };"
                                + " allow-notify { none; }; min-refresh-time 2; max-refresh-time 2; };%n",
                        zone, primary.address().getPort());
        return start(List.of(), directory, port, configuration, zone);
    }

    private static String options(Path directory, int port) {
        return String.format("""
                key "%s" { algorithm hmac-sha256; secret "%s"; };
                key "stranger" { algorithm hmac-sha256; secret "%s"; };
                options { directory "%s"; pid-file none; session-keyfile none; listen-on port %d { 127.0.0.1; };
                  listen-on-v6 { none; }; recursion no; allow-transfer { any; }; dnssec-validation no; notify no;
                  lock-file none; managed-keys-directory "%s"; minimal-responses no; };
                controls { };
                """, KEY, SECRET, SECRET, directory.toAbsolutePath(), port, directory.toAbsolutePath());
    }

    private static BindServer start(List<String> enter, Path directory, int port, String configuration, String zone) {
        write(directory.resolve("named.conf"), configuration);
        write(
                directory.resolve("key.conf"),
                "key \"" + KEY + "\" { algorithm hmac-sha256; secret \"" + SECRET + "\"; };\n");
        try {
            String file = directory.resolve("named.conf").toAbsolutePath().toString();
            Process process = new ProcessBuilder(command(enter, "named", "-4", "-n", "1", "-g", "-c", file))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("named.log").toFile())
                    .start();
            BindServer server = new BindServer(enter, directory, new InetSocketAddress("127.0.0.1", port), process);
            server.awaitAnswer(zone);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitAnswer(String zone) {
        long end = System.nanoTime() + Await.HANG_LIMIT.toNanos();
        do {
            // A secondary that has no copy yet answers that it cannot say.
            if (!dig("SOA", zone).values("SOA").isEmpty()) {
                return;
            }
        } while (!ended() && System.nanoTime() - end < 0);
        close();
        throw new AssertionError("named does not answer; it printed:\n" + read(directory.resolve("named.log")));
    }

    /** Waits a little for the end, which is not expected. */
    private boolean ended() {
        try {
            return process.waitFor(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /**
     * Returns where it listens.
     *
     * @return an address of the loopback interface
     */
    public InetSocketAddress address() {
        return address;
    }

    /**
     * Returns a file with the key that may write, as {@code tsig-keygen} prints it.
     *
     * @return the file
     */
    public Path keyFile() {
        return directory.resolve("key.conf");
    }

    /**
     * Asks for the TXT values at a name, until there is an answer: none is not the same as one without values.
     *
     * @param name any name
     * @return the values, each as often as it is there
     */
    public List<String> txt(String name) {
        long end = System.nanoTime() + Await.HANG_LIMIT.toNanos();
        Ended dig = dig("TXT", name);
        while (dig.exit() == NO_REPLY && !ended() && System.nanoTime() - end < 0) {
            dig = dig("TXT", name);
        }
        if (!dig.answers()) {
            throw new AssertionError("no answer about TXT of " + name + "; dig ended with " + dig.exit()
                    + " and printed:\n" + dig.output());
        }
        return dig.values("TXT").stream()
                .map(value -> value.replace("\" \"", "").replace("\"", ""))
                .toList();
    }

    /**
     * Adds a TXT value as an operator would.
     *
     * @param name in one of its zones
     * @param value no quotes
     */
    public void addTxt(String name, String value) {
        String said = update("add", name + ". 60 TXT \"" + value + "\"");
        if (!txt(name).contains(value)) {
            throw new AssertionError("nsupdate did not add " + value + " at " + name + ": " + said);
        }
    }

    /**
     * Removes a TXT value as an operator would.
     *
     * @param name in one of its zones
     * @param value no quotes
     */
    public void removeTxt(String name, String value) {
        String said = update("delete", name + ". TXT \"" + value + "\"");
        if (txt(name).contains(value)) {
            throw new AssertionError("nsupdate did not remove " + value + " at " + name + ": " + said);
        }
    }

    private String update(String action, String record) {
        String script = String.format(
                "server %s %d%nupdate %s %s%nsend%n", address.getHostString(), address.getPort(), action, record);
        return run(enter, script, "nsupdate", "-v", "-k", keyFile().toString()).output();
    }

    /** How {@code dig} ended, and what it printed: the header of the answer, and the records in it. */
    private record Ended(int exit, String output) {

        private static final Pattern STATUS =
                Pattern.compile("^;; ->>HEADER<<-.* status: ([A-Z]+),", Pattern.MULTILINE);
        private static final int FIELDS = 5;

        /** There is such a name or there is none; other answers say that the server could not or would not say. */
        boolean answers() {
            Matcher status = STATUS.matcher(output);
            return exit == 0 && status.find() && List.of("NOERROR", "NXDOMAIN").contains(status.group(1));
        }

        /** Of records of this type, in the form of a zone file. */
        List<String> values(String type) {
            return output.lines()
                    .filter(line -> !line.startsWith(";"))
                    .map(line -> line.split("\\s+", FIELDS)) // name, lifetime, class, type, value
                    .filter(fields -> fields.length == FIELDS && fields[3].equals(type))
                    .map(fields -> fields[4])
                    .toList();
        }
    }

    /** By TCP: what is sent by UDP can be lost. */
    private Ended dig(String type, String name) {
        return run(
                enter,
                "",
                "dig",
                "+noall",
                "+comments",
                "+answer",
                "+tcp",
                "+time=10",
                "+tries=1",
                "-p",
                Integer.toString(address.getPort()),
                "@" + address.getHostString(),
                name,
                type);
    }

    private static List<String> command(List<String> enter, String... command) {
        List<String> all = new ArrayList<>(enter);
        all.addAll(Arrays.asList(command));
        return all;
    }

    private static Ended run(List<String> enter, String input, String... command) {
        try {
            Process child = new ProcessBuilder(command(enter, command))
                    .redirectErrorStream(true)
                    .start();
            try (var out = child.getOutputStream()) {
                out.write(input.getBytes(UTF_8));
            }
            String output = new String(child.getInputStream().readAllBytes(), UTF_8);
            return new Ended(child.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
