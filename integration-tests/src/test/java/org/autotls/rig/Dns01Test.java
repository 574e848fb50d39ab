package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.autotls.rig.CaProxy.Exchange;
import org.autotls.testkit.Await;
import org.autotls.testkit.BindServer;
import org.autotls.testkit.FreePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dns-01 from the command line: a real CA that asks a real BIND. */
@Tag("rig")
class Dns01Test {

    /** The exit code of a program that the signal ended. */
    private static final int SIGKILL = 137;

    private static final String CHALLENGE_NAME = "_acme-challenge.example.test";

    /** A name server that does not answer: each value in this zone is waited for, for ten seconds. */
    private static final String SILENT = "@ IN NS ns2\nns2 IN A 127.0.0.3";

    @TempDir
    Path scratch;

    private BindServer bind;
    private Path certs;

    @BeforeEach
    void startBind() throws IOException {
        bind = BindServer.primary(
                scratch.resolve("bind"), FreePorts.next(), SILENT, "held.test", "example.test", "other.test");
        certs = Files.createDirectory(scratch.resolve("certs"));
    }

    @AfterEach
    void stopBind() {
        bind.close();
    }

    private PebbleCa.Settings pebble() {
        return PebbleCa.on(PebbleBinary.installed())
                .authorizationReusePercent(0)
                .dnsServer("127.0.0.1:" + bind.address().getPort());
    }

    private String byUpdates() {
        return "dns-01:rfc2136:server=127.0.0.1\\:" + bind.address().getPort() + ":key=" + BindServer.KEY
                + ":secret-file=" + bind.keyFile() + ":algorithm=hmac-sha256";
    }

    private ChildProcess issue(AcmeCa ca, String challenge, String... names) {
        List<String> command = new ArrayList<>(List.of("issue"));
        command.addAll(Arrays.asList(names));
        command.addAll(List.of("--certs", certs.toString(), "--acme", ca.acme().toString()));
        command.addAll(List.of("--acme-root", ca.httpsRoot().toString(), "--agree-tos", "--challenge", challenge));
        return Autotls.start(scratch, command.toArray(String[]::new));
    }

    private static void succeeds(ChildProcess issue) {
        assertThat(issue.exit(Await.HANG_LIMIT)).as(issue.output()).isZero();
    }

    private List<String> namesIn(String file) throws CertificateParsingException {
        X509Certificate leaf = Certificates.parse(Repository.read(certs.resolve(file)));
        return leaf.getSubjectAlternativeNames().stream()
                .map(name -> (String) name.get(1))
                .toList();
    }

    @Test
    void L3_wildcardAndBaseName_inOneCertificate() throws Exception {
        try (PebbleCa ca = pebble().start(scratch.resolve("ca"));
                ChildProcess issue = issue(ca, byUpdates(), "*.example.test,example.test")) {
            succeeds(issue);
        }
        assertThat(namesIn("*.example.test,example.test.pem"))
                .containsExactlyInAnyOrder("*.example.test", "example.test");
        assertThat(bind.txt(CHALLENGE_NAME)).isEmpty();
    }

    @Test
    void L3_twoOrdersAtOnceAtOneName_doNotDisturbOneAnother() throws Exception {
        try (PebbleCa ca = pebble().validationDelay(Duration.ofSeconds(2)).start(scratch.resolve("ca"));
                CaProxy proxy = CaProxy.oneAtATime(ca, scratch);
                ChildProcess issue =
                        issue(proxy, byUpdates(), "*.example.test", "example.test", "www.other.test,example.test")) {
            succeeds(issue);
        }
        assertThat(namesIn("*.example.test.pem")).containsExactly("*.example.test");
        assertThat(namesIn("example.test.pem")).containsExactly("example.test");
        assertThat(bind.txt(CHALLENGE_NAME)).isEmpty();
        assertThat(bind.txt("_acme-challenge.www.other.test")).isEmpty();
    }

    /**
     * Killed when all values are there and the CA has not been told so. It is not told either: Pebble 2.4 validates a challenge
     * once more that it is told of once more, by the next run, and where it finds no value the second time, because that run is
     * done and has tidied up, what was valid becomes invalid.
     */
    @Test
    void L5_killedBeforeCleanUp_isSweptAtTheNextStartAndOthersValuesStay() {
        bind.addTxt(CHALLENGE_NAME, "somebody-else");
        String names = "example.test,*.example.test,www.example.test";
        try (PebbleCa ca = pebble().start(scratch.resolve("ca"));
                CaProxy proxy = new CaProxy(ca, scratch)) {
            try (ChildProcess killed = issue(proxy, byUpdates(), names)) {
                proxy.gate((point, kind) -> {
                    boolean challenge = kind.equals("chalZ");
                    if (challenge) {
                        killed.kill();
                    }
                    return !challenge;
                });
                assertThat(killed.exit(Await.HANG_LIMIT)).as(killed.output()).isEqualTo(SIGKILL);
            }
            assertThat(proxy.exchanges()).extracting(Exchange::kind).doesNotContain("chalZ");
            assertThat(bind.txt(CHALLENGE_NAME)).hasSize(3);
            assertThat(bind.txt("_acme-challenge.www.example.test")).hasSize(1);
            proxy.gate(CaProxy.OPEN);
            try (ChildProcess again = issue(proxy, byUpdates(), names)) {
                succeeds(again);
            }
        }
        assertThat(bind.txt(CHALLENGE_NAME)).containsExactly("somebody-else");
        assertThat(bind.txt("_acme-challenge.www.example.test")).isEmpty();
    }

    /** Killed while values spread, of an order that the CA then forgets: nothing but the journal knows of them. */
    @Test
    void L5_killedWhileValuesSpread_isSweptThoughTheOrderIsGone() {
        String name = "_acme-challenge.held.test";
        bind.addTxt(name, "somebody-else");
        try (PebbleCa ca = pebble().start(scratch.resolve("ca"))) {
            try (ChildProcess killed = issue(ca, byUpdates(), "held.test")) {
                awaitValues(name, 2, killed);
                killed.kill();
            }
            assertThat(bind.txt(name)).hasSize(2);
            ca.restart();
            try (ChildProcess again = issue(ca, byUpdates(), "held.test")) {
                succeeds(again);
            }
        }
        assertThat(bind.txt(name)).containsExactly("somebody-else");
    }

    private void awaitValues(String name, int count, ChildProcess issue) {
        Await.until(
                Await.HANG_LIMIT,
                () -> bind.txt(name).size() == count || !issue.isAlive(),
                () -> "no values at " + name + ": " + issue.output());
    }

    @Test
    void L1_wrongSecret_saysWhatToDoAndShowsNoSecret() throws IOException {
        Path wrong = Files.writeString(scratch.resolve("wrong"), "d3JvbmctZXZlbi10aG91Z2gtbG9uZw==\n");
        String challenge = byUpdates().replace(bind.keyFile().toString(), wrong.toString());
        try (PebbleCa ca = pebble().start(scratch.resolve("ca"));
                ChildProcess issue = issue(ca, challenge, "*.example.test")) {
            assertThat(issue.exit(Await.HANG_LIMIT)).as(issue.output()).isEqualTo(5);
            assertThat(issue.output())
                    .contains("BADSIG", "copy the secret again")
                    .doesNotContain("d3JvbmctZXZlbi10aG91Z2gtbG9uZw", BindServer.SECRET, "\tat ");
        }
    }

    @Test
    void hook_isCalledForEachName() throws Exception {
        // Of lego's convention; nsupdate does the work.
        Path hook = Files.writeString(
                scratch.resolve("hook"), String.format("""
                #!/bin/sh
                case $1 in present) action=add ;; cleanup) action=delete ;; *) exit 1 ;; esac
                printf 'server 127.0.0.1 %d\\nupdate %%s %%s 60 TXT "%%s"\\nsend\\n' "$action" "$2" "$3" | nsupdate -k %s
                """, bind.address().getPort(), bind.keyFile()));
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
        String challenge = "dns-01:exec:" + hook + ":convention=lego:resolver=127.0.0.1\\:"
                + bind.address().getPort();
        try (PebbleCa ca = pebble().start(scratch.resolve("ca"));
                ChildProcess issue = issue(ca, challenge, "*.example.test,example.test")) {
            succeeds(issue);
        }
        assertThat(namesIn("*.example.test,example.test.pem")).hasSize(2);
        assertThat(bind.txt(CHALLENGE_NAME)).isEmpty();
    }

    /** A provider over its HTTP API, from the command line: one of those that dns-providers has. */
    @Test
    void provider_isWrittenToOverItsApi() throws Exception {
        String token = "a-token-that-nothing-shows";
        Path file = Files.writeString(scratch.resolve("token"), token + "\n");
        bind.addTxt(CHALLENGE_NAME, "somebody-else");
        try (PebbleCa ca = pebble().start(scratch.resolve("ca"));
                HetznerFront api = new HetznerFront(bind, token)) {
            String challenge = "dns-01:hetzner:token-file=" + file + ":api=http\\://127.0.0.1\\:" + api.port()
                    + ":resolver=127.0.0.1\\:" + bind.address().getPort();
            try (ChildProcess issue = issue(ca, challenge, "*.example.test,example.test")) {
                succeeds(issue);
                assertThat(issue.output()).doesNotContain(token);
            }
            Files.writeString(file, "another-token");
            try (ChildProcess refused = issue(ca, challenge, "www.example.test")) {
                assertThat(refused.exit(Await.HANG_LIMIT)).as(refused.output()).isNotZero();
                assertThat(refused.output())
                        .contains("it does not know the API token")
                        .doesNotContain("another-token");
            }
        }
        assertThat(namesIn("*.example.test,example.test.pem")).hasSize(2);
        assertThat(bind.txt(CHALLENGE_NAME)).containsExactly("somebody-else");
    }

    /** A hook whose clean-up fails until a file is there. */
    private String stubbornHook(Path works) throws IOException {
        Path hook = Files.writeString(
                scratch.resolve("stubborn"),
                String.format("""
                        #!/bin/sh
                        case $1 in present) action=add ;; cleanup) action=delete; [ -e %s ] || exit 3 ;; esac
                        printf 'server 127.0.0.1 %d\\nupdate %%s %%s 60 TXT "%%s"\\nsend\\n' "$action" "$2" "$3" | nsupdate -k %s
                        """, works, bind.address().getPort(), bind.keyFile()));
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
        return "dns-01:exec:" + hook + ":resolver=127.0.0.1\\:" + bind.address().getPort();
    }

    @Test
    void L5_cleanUpFailsAndTheOrderSucceeds_isSweptByTheNextRun() throws Exception {
        bind.addTxt(CHALLENGE_NAME, "somebody-else");
        Path works = scratch.resolve("works");
        String hook = stubbornHook(works);
        try (PebbleCa ca = pebble().start(scratch.resolve("ca"))) {
            try (ChildProcess issue = issue(ca, hook, "example.test,*.example.test")) {
                succeeds(issue);
                assertThat(issue.output()).contains("is not undone yet");
            }
            assertThat(bind.txt(CHALLENGE_NAME)).hasSize(3);
            Files.createFile(works);
            try (ChildProcess run = run(ca, hook)) {
                awaitValues(CHALLENGE_NAME, 1, run);
            }
        }
        assertThat(bind.txt(CHALLENGE_NAME)).containsExactly("somebody-else");
    }

    /** Removed while values spread; the order is given up, or ends, and what it wrote goes. */
    @Test
    void L5_removedWhileAnOrderIsInFlight_isSwept() throws Exception {
        String name = "_acme-challenge.held.test";
        bind.addTxt(name, "somebody-else");
        Files.createFile(certs.resolve("held.test.pem"));
        try (PebbleCa ca = pebble().start(scratch.resolve("ca"));
                ChildProcess run = run(ca, byUpdates())) {
            awaitValues(name, 2, run);
            Files.delete(certs.resolve("held.test.pem"));
            awaitValues(name, 1, run);
            assertThat(run.isAlive()).as(run.output()).isTrue();
        }
        assertThat(bind.txt(name)).containsExactly("somebody-else");
    }

    private ChildProcess run(PebbleCa ca, String challenge) {
        List<String> command = new ArrayList<>(List.of("run", "--certs", certs.toString()));
        command.addAll(List.of(
                "--acme", ca.acme().toString(), "--acme-root", ca.httpsRoot().toString()));
        command.addAll(List.of("--agree-tos", "--challenge", challenge));
        return Autotls.start(scratch, command.toArray(String[]::new));
    }

    /** The newest Pebble only: dns-account-01 and dns-persist-01 are drafts. */
    @Test
    void dnsAccount01_wildcardAndBaseName_atANameOfTheAccount() throws Exception {
        try (PebbleCa ca = newestPebble().start(scratch.resolve("ca"));
                ChildProcess issue =
                        issue(ca, byUpdates().replace("dns-01:", "dns-account-01:"), "*.example.test,example.test")) {
            succeeds(issue);
        }
        assertThat(namesIn("*.example.test,example.test.pem")).hasSize(2);
        assertThat(bind.txt(CHALLENGE_NAME)).isEmpty();
    }

    @Test
    void dnsPersist01_valueStaysAndTheNextOrderWritesNothing() throws Exception {
        String name = "_validation-persist.example.test";
        try (PebbleCa ca = newestPebble().start(scratch.resolve("ca"))) {
            String looks =
                    "dns-persist-01:resolver=127.0.0.1\\:" + bind.address().getPort();
            try (ChildProcess refused = issue(ca, looks, "example.test")) {
                assertThat(refused.exit(Await.HANG_LIMIT)).as(refused.output()).isNotZero();
                assertThat(refused.output()).contains(name + ". TXT \"" + PebbleCa.CAA_IDENTITY + "; accounturi=");
            }
            assertThat(bind.txt(name)).isEmpty();
            try (ChildProcess issue =
                    issue(ca, byUpdates().replace("dns-01:", "dns-persist-01:"), "*.example.test,example.test")) {
                succeeds(issue);
            }
            List<String> standing = List.copyOf(bind.txt(name));
            assertThat(standing).hasSizeBetween(1, 2).anyMatch(value -> value.endsWith("; policy=wildcard"));
            try (ChildProcess again = issue(ca, looks, "*.example.test,example.test")) {
                succeeds(again);
            }
            assertThat(bind.txt(name)).containsExactlyInAnyOrderElementsOf(standing);
        }
    }

    private PebbleCa.Settings newestPebble() {
        return PebbleCa.on(PebbleBinary.newest())
                .authorizationReusePercent(0)
                .dnsServer("127.0.0.1:" + bind.address().getPort());
    }
}
