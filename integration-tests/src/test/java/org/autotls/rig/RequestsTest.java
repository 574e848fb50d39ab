package org.autotls.rig;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.autotls.rig.CaProxy.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many requests the CA gets for one name, counted in front of it: of ours, and of lego and Caddy in the same way. The table
 * is written to {@code target/requests.md}: requests, and after the plus further looks at what the CA had not finished.
 */
@Tag("rig")
class RequestsTest {

    /** The least that RFC 8555 asks for, where a CA validates and signs after it has answered: one look at each. */
    private static final List<String> ORDER =
            List.of("order-plz", "authZ", "chalZ", "authZ", "finalize-order", "my-order", "certZ");

    @TempDir
    private Path scratch = Path.of("");

    private PebbleCa ca;
    private CaProxy proxy;

    @BeforeEach
    void startCa() {
        ca = PebbleCa.on(PebbleBinary.installed())
                .nonceRejectPercent(0)
                .authorizationReusePercent(0)
                .start(scratch.resolve("ca"));
        proxy = new CaProxy(ca, scratch);
    }

    @AfterEach
    void stopCa() {
        proxy.close();
        ca.close();
    }

    @Test
    void ours_areTheFewestThatThereCanBe() {
        AcmeClients.Client ours = AcmeClients.autotls(ca, proxy, scratch.resolve("ours"));

        assertThat(withoutLooks(count(ours::issueFirst))).isEqualTo(after("dir", "nonce-plz", "sign-me-up"));
        assertThat(withoutLooks(count(ours::issueSecond))).isEqualTo(after("dir", "nonce-plz"));
        assertThat(withoutLooks(countRenewal(ours))).isEqualTo(after("dir", "nonce-plz"));
    }

    /** Nobody needs fewer. How often a client looked while the CA was at work is counted, and depends on the machine. */
    @Test
    void legoAndCaddy_needNoFewer() throws IOException {
        Counted ours = counted("autotls", AcmeClients.autotls(ca, proxy, scratch.resolve("ours")));
        List<Counted> others = List.of(
                counted("lego", AcmeClients.lego(ca, proxy, scratch.resolve("lego"))),
                counted("Caddy", AcmeClients.caddy(ca, proxy, scratch.resolve("caddy"))));

        String table = Stream.concat(Stream.of(ours), others.stream())
                .map(Counted::row)
                .collect(joining(
                        "\n", "| client | fresh account | existing account | renewal |\n|---|---|---|---|\n", "\n"));
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("requests.md"), table);
        for (Counted other : others) {
            for (int i = 0; i < other.least().size(); i++) {
                assertThat(other.least().get(i))
                        .as(table)
                        .isGreaterThanOrEqualTo(ours.least().get(i));
            }
        }
    }

    /** What one client did: first certificate, second, renewal. */
    private record Counted(String client, List<List<Exchange>> actions) {

        /** Without further looks. */
        List<Integer> least() {
            return actions.stream().map(action -> withoutLooks(action).size()).toList();
        }

        String row() {
            return actions.stream()
                    .map(action -> withoutLooks(action).size() + " + "
                            + (action.size() - withoutLooks(action).size()))
                    .collect(joining(" | ", "| " + client + " | ", " |"));
        }
    }

    private Counted counted(String name, AcmeClients.Client client) {
        return new Counted(name, List.of(count(client::issueFirst), count(client::issueSecond), countRenewal(client)));
    }

    private List<Exchange> count(Runnable action) {
        proxy.forget();
        action.run();
        return proxy.exchanges();
    }

    /** Told never to give a valid authorization back, Pebble 2.4 still does, once in a hundred times: then it is done again. */
    private List<Exchange> countRenewal(AcmeClients.Client client) {
        List<Exchange> exchanges = count(client::renewFirst);
        return exchanges.stream().anyMatch(exchange -> exchange.kind().equals("chalZ"))
                ? exchanges
                : countRenewal(client);
    }

    /** Looks again at the same thing, while the CA is at work, are left out. */
    private static List<String> withoutLooks(List<Exchange> exchanges) {
        List<String> kinds = new ArrayList<>();
        for (Exchange exchange : exchanges) {
            boolean again = !kinds.isEmpty() && kinds.get(kinds.size() - 1).equals(exchange.kind());
            if (!again) {
                kinds.add(exchange.kind());
            }
        }
        return kinds;
    }

    private static List<String> after(String... first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(ORDER);
        return all;
    }
}
