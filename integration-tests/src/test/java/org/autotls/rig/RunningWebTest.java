package org.autotls.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.autotls.CertificateBundle;
import org.autotls.Revision;
import org.autotls.Subject;
import org.autotls.store.DirectoryStore;
import org.autotls.testkit.Await;
import org.autotls.testkit.ClientHelloBytes;
import org.autotls.testkit.ClientHelloTable;
import org.autotls.testkit.FreePorts;
import org.autotls.testkit.TlsEngine;
import org.autotls.testkit.TlsProbe.Reply;
import org.autotls.testkit.TlsTestServer;
import org.autotls.tls.IndexEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Table I against a running {@code ./autotls web} on {@code txsni:}, byte by byte from outside. */
@Tag("rig")
class RunningWebTest extends ClientHelloTable {

    @TempDir
    static Path scratch;

    private Path home = scratch;

    private record Running(ChildProcess web, int port) implements TlsTestServer {

        /** What reaches the files behind TLS is not seen from outside; the in-process servers count it. */
        @Override
        public int conversations() {
            return 0;
        }

        @Override
        public void close() {
            web.close();
        }
    }

    @Override
    protected TlsTestServer start() throws IOException {
        home = Files.createTempDirectory(scratch, "home");
        Files.createDirectories(home.resolve("site"));
        DirectoryStore store =
                DirectoryStore.open(Files.createDirectories(home.resolve("certs")), InstantSource.system());
        for (String name :
                List.of("a.example", "b.example", "x.wild.example", "xn--bcher-kva.example", "rsa.example")) {
            CertificateBundle bundle =
                    index.current().find(name).map(IndexEntry::bundle).orElseThrow();
            store.save(Subject.of(bundle.identifiers()), bundle, Revision.NONE);
        }
        int port = FreePorts.next();
        ChildProcess web = Autotls.start(
                home, "web", "--port", "txsni:certs:tcp:" + port + ":interface=127.0.0.1", "--path", "site");
        web.line("Serving site", Await.HANG_LIMIT);
        return new Running(web, port);
    }

    @Override
    protected TlsEngine engine() {
        return TlsEngine.BORINGSSL;
    }
    /** The fallback is the one thing that tests change: it becomes a file, which is noticed within a second or two. */
    @Override
    protected void published() throws IOException {
        Path file = home.resolve("certs").resolve("DEFAULT.pem");
        Optional<CertificateBundle> fallback = index.current().fallback().map(IndexEntry::bundle);
        if (fallback.isPresent()) {
            StringBuilder pem = new StringBuilder(
                    Tls.pem("PRIVATE KEY", fallback.get().privateKey().getEncoded()));
            for (X509Certificate certificate : fallback.get().chain()) {
                pem.append(org.autotls.internal.Certificates.encode(certificate));
            }
            Files.writeString(file, pem);
        } else {
            Files.delete(file);
        }
        Reply.Kind expected = fallback.isPresent() ? Reply.Kind.SERVER_HELLO : Reply.Kind.ALERT;
        Await.until(
                Await.HANG_LIMIT,
                () -> probe().send(ClientHelloBytes.tls13().records()).kind() == expected,
                () -> "DEFAULT.pem was not noticed");
    }
}
