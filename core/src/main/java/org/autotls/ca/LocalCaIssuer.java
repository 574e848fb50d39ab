package org.autotls.ca;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import org.autotls.CertificateBundle;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueRequest;
import org.autotls.Issuer;
import org.autotls.Revision;
import org.autotls.StateStore;
import org.autotls.StoreException;
import org.autotls.Subject;
import org.autotls.Text;
import org.autotls.internal.Certificates;
import org.autotls.internal.DurableFiles;
import org.autotls.internal.PrivateKeys;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Issues from a private CA that lives in a {@link StateStore}: no network, no account, any DNS name or IP address. Clients
 * must be told to trust its root, see {@link #trustInstructions}.
 *
 * <p>The root (10 years) signs intermediates only (1 year, a new one when a third of that is left), which sign leaves
 * (7 days unless told otherwise). A leaf for {@code localhost} is also for 127.0.0.1 and ::1. Both keys are made once, by whichever process of the store
 * comes first, and kept under {@code ca/root} and {@code ca/intermediate}. Who can read them can pass for any server to
 * those who trust the root.
 *
 * <p>The root's key stays for ever. When the root ends, or the clock says that it has not begun, its validity is widened by a
 * new certificate for the same name and key: what a clock of 1970 or 2098 made is of use as soon as the clock is right, and
 * who trusts the root of before goes on trusting what is signed.
 *
 * <p><b>Threads.</b> Safe for many threads and processes. {@link #issue} does its work, which includes I/O on the stores,
 * on the caller's thread; what it returns is complete.
 */
public final class LocalCaIssuer implements Issuer {

    /** The name of the root's file beside the certificates: not {@code .pem}, so that no reader takes it for an entry. */
    public static final String ROOT_FILE = "local-ca.crt";

    /** This machine, as seen from itself: a leaf for it is for the loopback addresses, too. */
    public static final String LOCALHOST = "localhost";

    private static final Logger LOG = LoggerFactory.getLogger(LocalCaIssuer.class);

    private static final List<Identifier> LOOPBACK = List.of(Identifier.of("127.0.0.1"), Identifier.of("::1"));

    private static final int DEFAULT_LIFETIME_DAYS = 7;
    private static final String ROOT = "ca/root";
    private static final String INTERMEDIATE = "ca/intermediate";
    private static final Duration ROOT_LIFETIME = Duration.ofDays(3653);
    private static final Duration INTERMEDIATE_LIFETIME = Duration.ofDays(365);
    private static final Duration INTERMEDIATE_RENEWED = Duration.ofDays(122);
    private static final Duration LONGEST_LEAF = Duration.ofDays(90);
    private static final Duration SHORTEST_LEAF = Duration.ofSeconds(1);

    /** For clients whose clocks are slow. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private final StateStore state;
    private final InstantSource clock;
    private final Duration lifetime;
    private final SecureRandom random;
    private final Signing signing;

    /** What {@link #writeRoot} wrote last, and where; null if it was never called. */
    private final AtomicReference<@Nullable Written> written;

    private record Written(Path directory, X509Certificate root) {}

    private LocalCaIssuer(
            StateStore state,
            InstantSource clock,
            Duration lifetime,
            SecureRandom random,
            AtomicReference<@Nullable Written> written) {
        this.state = requireNonNull(state, "state");
        this.clock = requireNonNull(clock, "clock");
        this.lifetime = lifetime;
        this.random = random;
        this.signing = new Signing(random);
        this.written = written;
    }

    /**
     * Makes an issuer whose leaves live for 7 days. Nothing is read or made before it is needed.
     *
     * @param state where root and intermediate are kept; shared by all that shall issue from the same root
     * @param clock the present; a {@link org.autotls.Scheduler} is one
     * @return the issuer
     */
    public static LocalCaIssuer of(StateStore state, InstantSource clock) {
        return new LocalCaIssuer(
                state, clock, Duration.ofDays(DEFAULT_LIFETIME_DAYS), new SecureRandom(), new AtomicReference<>());
    }

    /**
     * Returns an issuer on the same root whose leaves live for another time. Short is good: nothing here can be revoked.
     *
     * @param leafLifetime from 1 second to 90 days, counted from the moment of issue
     * @return another issuer
     * @throws IllegalArgumentException if it is out of range
     */
    public LocalCaIssuer withLifetime(Duration leafLifetime) {
        if (leafLifetime.compareTo(SHORTEST_LEAF) < 0 || leafLifetime.compareTo(LONGEST_LEAF) > 0) {
            throw new IllegalArgumentException(
                    "leaf lifetime " + leafLifetime + ": expected " + SHORTEST_LEAF + " to " + LONGEST_LEAF);
        }
        return new LocalCaIssuer(state, clock, leafLifetime, random, written);
    }

    /** {@inheritDoc} */
    @Override
    public String issuerKey() {
        return "local";
    }

    @Override
    public CompletionStage<CertificateBundle> issue(IssueRequest request) {
        try {
            return CompletableFuture.completedFuture(sign(request));
        } catch (IssueException | StoreException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The key is durable before it is certified; one that a crash left in the journal is never used for a second leaf. */
    private CertificateBundle sign(IssueRequest request) {
        CertificateAuthority root = root();
        rewriteIfChanged(root.certificate());
        CertificateAuthority intermediate = intermediate(root);
        if (request.cancelled().getAsBoolean()) {
            throw new IssueException(
                    IssueException.Kind.STOPPED, "the certificate for " + request.subject() + " is no longer wanted");
        }
        KeyPair pair = request.keys().get();
        request.journal().save(PrivateKeys.encodePair(pair));
        Instant now = now();
        Duration backdated = shorter(BACKDATED, lifetime.dividedBy(10));
        X509Certificate leaf = signing.leaf(
                intermediate,
                now.minus(backdated),
                earlier(now.plus(lifetime), intermediate.notAfter()),
                names(request.subject()),
                pair.getPublic());
        return CertificateBundle.of(pair.getPrivate(), List.of(leaf, intermediate.certificate()));
    }

    private static Collection<Identifier> names(Subject subject) {
        Set<Identifier> names = new LinkedHashSet<>(subject.identifiers());
        if (names.contains(Identifier.of(LOCALHOST))) {
            names.addAll(LOOPBACK);
        }
        return names;
    }

    /**
     * Returns the root that clients must trust; made now if there is none.
     *
     * @return the certificate, self-signed
     * @throws StoreException if the store cannot be read or written
     * @throws IssueException if what is stored is not a CA
     */
    public X509Certificate rootCertificate() {
        return root().certificate();
    }

    /**
     * Writes the root where a person finds it, in PEM, readable for everybody; does nothing if it is there already. From then
     * on this issuer writes it there again when it issues after a change of the root.
     *
     * @param directory usually the certificate directory
     * @return the file, {@value #ROOT_FILE} in {@code directory}
     * @throws StoreException if the root cannot be made or the file not be written
     */
    public Path writeRoot(Path directory) {
        return writeRoot(directory, rootCertificate());
    }

    /** Whatever comes of it, what is issued is good. */
    private void rewriteIfChanged(X509Certificate root) {
        Written last = written.get();
        if (last == null || last.root().equals(root)) {
            return;
        }
        try {
            writeRoot(last.directory(), root);
        } catch (StoreException e) {
            LOG.warn("the root certificate of the local CA has changed, and its file is the old one still", e);
        }
    }

    private Path writeRoot(Path directory, X509Certificate root) {
        Path file = directory.resolve(ROOT_FILE);
        byte[] content = Certificates.encode(root).getBytes(StandardCharsets.US_ASCII);
        try {
            if (!Files.isRegularFile(file) || !Arrays.equals(content, Files.readAllBytes(file))) {
                Path written = DurableFiles.writeTemporary(directory, content, DurableFiles.PUBLIC_FILE);
                DurableFiles.rename(written, file);
                DurableFiles.forceDirectory(directory);
                LOG.debug("the root certificate of the local CA is in {}", Text.escape(file.toString()));
            }
            written.set(new Written(directory, root));
            return file;
        } catch (IOException e) {
            throw StoreException.retryable("cannot write the root certificate to " + Text.escape(file.toString()), e);
        }
    }

    /**
     * Tells a person how to make clients trust the root.
     *
     * @param rootFile what {@link #writeRoot} returned
     * @param url where it can be tried
     * @return a few lines of text, each a command or a place
     */
    public static String trustInstructions(Path rootFile, String url) {
        String file = rootFile.toAbsolutePath().toString();
        return """
                Clients must trust this root certificate: %1$s
                  curl                     curl --cacert %3$s %2$s
                  Debian, Ubuntu (root)    cp %3$s /usr/local/share/ca-certificates/autotls-local-ca.crt && update-ca-certificates
                  Firefox                  Settings > Privacy & Security > Certificates > View Certificates > Authorities > Import
                  Chrome, Chromium         chrome://certificate-manager > Local certificates > Custom > Trusted certificates > Import
                  Java                     keytool -importcert -noprompt -alias autotls-local-ca -file %3$s -cacerts -storepass changeit
                Its key stays in the store: who can read that can pass for any server to those who trust this root.""".formatted(file, url, shellWord(file));
    }

    /** One word for a shell, whatever is in it. */
    private static String shellWord(String text) {
        return text.matches("[A-Za-z0-9_@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private CertificateAuthority root() {
        return kept(ROOT, root -> root.notAfter().isAfter(now().plus(LONGEST_LEAF)), known -> {
            Instant from = now().minus(BACKDATED);
            Instant until = now().plus(ROOT_LIFETIME);
            if (known.isPresent()) {
                CertificateAuthority old = known.get();
                return signing.dated(old, earlier(from, old.notBefore()), later(until, old.notAfter()));
            }
            CertificateAuthority made = signing.root(from, until);
            LOG.info("made a local CA: {}", made.certificate().getSubjectX500Principal());
            return made;
        });
    }

    private CertificateAuthority intermediate(CertificateAuthority root) {
        return kept(
                INTERMEDIATE,
                known -> root.signed(known.certificate())
                        && (known.notAfter().isAfter(now().plus(INTERMEDIATE_RENEWED))
                                || known.notAfter().equals(root.notAfter())),
                known -> signing.intermediate(
                        root, now().minus(BACKDATED), earlier(now().plus(INTERMEDIATE_LIFETIME), root.notAfter())));
    }

    /**
     * Returns what is kept if it has begun and is good, else keeps a new one; of several processes that do so at once, one
     * wins.
     */
    private CertificateAuthority kept(
            String key,
            Predicate<CertificateAuthority> isGood,
            Function<Optional<CertificateAuthority>, CertificateAuthority> maker) {
        while (true) {
            Optional<StateStore.Entry> present = state.find(key);
            Optional<CertificateAuthority> known = present.map(entry -> parse(key, entry));
            if (known.filter(ca -> !ca.notBefore().isAfter(now()))
                    .filter(isGood)
                    .isPresent()) {
                return known.get();
            }
            CertificateAuthority made = maker.apply(known);
            Revision expected = present.map(StateStore.Entry::revision).orElse(Revision.NONE);
            if (state.save(key, made.encode(), expected).isPresent()) {
                known.ifPresent(old -> LOG.warn("{} is replaced by {}", old, made));
                return made;
            }
        }
    }

    /** A stored CA that cannot be read is not replaced behind the back of those who trust it. */
    private static CertificateAuthority parse(String key, StateStore.Entry entry) {
        try {
            return CertificateAuthority.parse(entry.text());
        } catch (IllegalArgumentException e) {
            throw new IssueException(
                    IssueException.Kind.CONFIGURATION,
                    "the local CA's '" + key + "' in the store cannot be used: " + e.getMessage()
                            + "; restore it, or delete it to have a new one made",
                    e);
        }
    }

    /** Certificates know whole seconds only. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
