package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.autotls.acme.AcmeFixture.await;
import static org.autotls.acme.AcmeFixture.request;

import java.util.List;
import org.autotls.CertificateBundle;
import org.autotls.testkit.FakeCa;
import org.autotls.testkit.Fault;
import org.autotls.testkit.MemoryJournal;
import org.autotls.testkit.TestCa;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RFC 8555 §7.4.2: alternate chains. */
class PreferredChainTest {

    private final AcmeFixture fixture = new AcmeFixture();
    private final FakeCa ca = fixture.ca;

    @BeforeEach
    void offer() {
        ca.settings().alternateRoots(new TestCa("Old Root"), new TestCa("New Root"));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private String rootOf(String preferred) throws Exception {
        CertificateBundle bundle = await(
                fixture.builder()
                        .responders(List.of(fixture.responder))
                        .preferredChain(preferred)
                        .build(),
                request(new MemoryJournal(), "a.example"));
        assertThat(bundle.chain()).hasSize(2);
        return bundle.chain().get(1).getIssuerX500Principal().getName();
    }

    @Test
    void noWish_isTheFirstAndOneRequest() throws Exception {
        assertThat(rootOf("")).isEqualTo("CN=autotls test root");
        assertThat(ca.count(FakeCa.Kind.CERTIFICATE)).isEqualTo(1);
    }

    @Test
    void firstFits_isOneRequest() throws Exception {
        assertThat(rootOf("autotls test root")).isEqualTo("CN=autotls test root");
        assertThat(ca.count(FakeCa.Kind.CERTIFICATE)).isEqualTo(1);
    }

    @Test
    void C8_alternateFits_isChosen() throws Exception {
        assertThat(rootOf("New Root")).isEqualTo("CN=New Root");
        assertThat(ca.count(FakeCa.Kind.CERTIFICATE)).isEqualTo(3);
    }

    @Test
    void noneFits_isTheFirst() throws Exception {
        assertThat(rootOf("Nobody's Root")).isEqualTo("CN=autotls test root");
    }

    @Test
    void C8_alternateBroken_theNextIsLookedAt() throws Exception {
        ca.script(FakeCa.Kind.CERTIFICATE, Fault.rewrite(body -> body), Fault.reply(200, "garbage"));
        assertThat(rootOf("New Root")).isEqualTo("CN=New Root");
        assertThat(ca.count(FakeCa.Kind.CERTIFICATE)).isEqualTo(3);
    }

    @Test
    void C8_alternateElsewhere_isNotAskedAndTheFirstIsKept() throws Exception {
        ca.script(FakeCa.Kind.CERTIFICATE, linking("<https://elsewhere.example/chain>;rel=\"alternate\""));
        assertThat(rootOf("New Root")).isEqualTo("CN=autotls test root");
        assertThat(ca.count(FakeCa.Kind.CERTIFICATE)).isEqualTo(1);
    }

    @Test
    void C8_alternatesWithoutEnd_areTenRequests() throws Exception {
        String link = "<" + ca.directory().resolve("/certificate/1/1") + ">;rel=\"alternate\"";
        ca.script(FakeCa.Kind.CERTIFICATE, linking(String.join(", ", java.util.Collections.nCopies(1000, link))));
        assertThat(rootOf("Nobody's Root")).isEqualTo("CN=autotls test root");
        assertThat(ca.count(FakeCa.Kind.CERTIFICATE)).isEqualTo(11);
    }

    private static Fault linking(String links) {
        return (exchange, usual, closing) -> {
            FakeCa.Reply reply = usual.reply();
            java.util.Map<String, String> headers = new java.util.HashMap<>(reply.headers());
            headers.put("Link", links);
            new FakeCa.Reply(reply.status(), headers, reply.body()).send(exchange);
        };
    }
}
