package org.autotls.responder;

import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.autotls.CertificateBundle;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.KeyAlgorithm;
import org.autotls.KeyType;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.internal.Certificates;
import org.autotls.internal.IpAddresses;
import org.autotls.internal.Sha256;
import org.autotls.tls.ChallengeCertificates;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Answers tls-alpn-01 (RFC 8737) with challenge certificates (ECDSA, or RSA for a validator that knows no other), which the
 * TLS of an endpoint shows to a client that asks for exactly {@code acme-tls/1}. Give it to the issuer as a responder and to
 * the endpoint as its {@link ChallengeCertificates}.
 *
 * <p>Two challenges pending for one name: the newer one's certificate is shown until it is cleaned up. A challenge is
 * forgotten after an hour, whether it was cleaned up or not; at most 10,000 are pending.
 *
 * <p><b>Threads.</b> Safe for many threads. {@link #find} takes no lock and no I/O.
 */
public final class TlsAlpn01Responder implements Responder, ChallengeCertificates {

    private static final String TYPE = "tls-alpn-01";

    /** RFC 8737 §6.1. */
    private static final ASN1ObjectIdentifier ACME_IDENTIFIER = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.31");

    /** Fixed, since a name of more than 64 bytes does not fit; validators look at the SAN only. */
    private static final X500Name NAME = new X500Name("CN=acme challenge");

    /** A challenge certificate of a machine whose clock is a little off must still be valid for the CA. */
    private static final Duration SLACK = Duration.ofDays(1);

    private static final int SERIAL_BITS = 127;

    private final InstantSource clock;
    private final SecureRandom random;
    private final KeyPair key;
    private final PendingChallenges<Answers> pending;

    /** Made when it is first needed, since it takes a while; never during a handshake. */
    private volatile @Nullable KeyPair rsaKey;

    /** The same answer under each of our keys: a validator may know one kind only. */
    private record Answers(CertificateBundle ecdsa, CertificateBundle rsa) {}

    /**
     * Makes a responder with a key of its own for the challenge certificates.
     *
     * @param clock when challenges are forgotten
     * @param random a source fit for keys
     */
    public TlsAlpn01Responder(InstantSource clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
        this.key = KeyType.EC_P256.generate(random);
        this.pending = new PendingChallenges<>(clock);
    }

    @Override
    public String challengeType() {
        return TYPE;
    }

    @Override
    public Presentation present(Challenge challenge) {
        Answers answers = new Answers(certificate(challenge, key), certificate(challenge, rsaKey()));
        pending.add(serverName(challenge.identifier()), challenge, answers);
        return new Presentation(TYPE, challenge.identifier(), challenge.token());
    }

    @Override
    public void cleanUp(Presentation presentation) {
        pending.remove(serverName(presentation.identifier()), presentation.identifier(), presentation.value());
    }

    @Override
    public Optional<CertificateBundle> find(String serverName) {
        return pendingFor(serverName).map(Answers::ecdsa);
    }

    @Override
    public Optional<CertificateBundle> find(String serverName, Predicate<CertificateBundle> accepted) {
        return pendingFor(serverName).map(answers -> {
            boolean needsRsa = !accepted.test(answers.ecdsa()) && accepted.test(answers.rsa());
            return needsRsa ? answers.rsa() : answers.ecdsa();
        });
    }

    private Optional<Answers> pendingFor(String serverName) {
        return pending.find(serverName.toLowerCase(Locale.ROOT), identifier -> true);
    }

    private KeyPair rsaKey() {
        KeyPair made = rsaKey;
        if (made == null) { // two threads may make one each, which does no harm
            made = KeyType.RSA_2048.generate(random);
            rsaKey = made;
        }
        return made;
    }

    /** What a validator puts into SNI: the name, or the reverse name of an address (RFC 8738 §6). */
    private static String serverName(Identifier identifier) {
        return identifier.type() == Identifier.Type.IP
                ? IpAddresses.reverseName(identifier.value())
                : identifier.value();
    }

    private CertificateBundle certificate(Challenge challenge, KeyPair key) {
        Instant now = clock.instant();
        boolean address = challenge.identifier().type() == Identifier.Type.IP;
        GeneralName san = new GeneralName(
                address ? GeneralName.iPAddress : GeneralName.dNSName,
                challenge.identifier().value());
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                NAME,
                new BigInteger(SERIAL_BITS, random).setBit(0),
                Date.from(now.minus(SLACK)),
                Date.from(now.plus(SLACK)),
                NAME,
                SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
        try {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(san));
            builder.addExtension(ACME_IDENTIFIER, true, new DEROctetString(Sha256.of(challenge.keyAuthorization())));
            String algorithm = KeyAlgorithm.RSA.fits(key.getPrivate()) ? "SHA256withRSA" : "SHA256withECDSA";
            byte[] der = builder.build(new JcaContentSignerBuilder(algorithm).build(key.getPrivate()))
                    .getEncoded();
            X509Certificate certificate = Certificates.parse(der);
            return CertificateBundle.of(key.getPrivate(), List.of(certificate));
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a challenge certificate can always be made", e);
        }
    }
}
