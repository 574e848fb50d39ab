package org.autotls.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.autotls.testkit.FakeCa.Reply;
import org.autotls.testkit.FakeCaAccounts.Account;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * What a {@link FakeCa} issued: downloading (RFC 8555 §7.4.2) and revoking (§7.6). Guarded by the lock of its
 * {@link FakeCaState}.
 */
final class FakeCaCertificates {

    private final TestCa issuer;
    private final FakeCaSettings settings;
    private final List<X509Certificate> issued = new ArrayList<>();
    private final Map<X509Certificate, Account> owners = new HashMap<>();
    private final Map<X509Certificate, Integer> revoked = new LinkedHashMap<>();

    FakeCaCertificates(TestCa issuer, FakeCaSettings settings) {
        this.issuer = issuer;
        this.settings = settings;
    }

    List<X509Certificate> issued() {
        return List.copyOf(issued);
    }

    Map<X509Certificate, Integer> revoked() {
        return Map.copyOf(revoked);
    }

    /** Notes a leaf, and returns its chains in PEM. */
    List<String> add(X509Certificate leaf, Account owner) throws IOException {
        issued.add(leaf);
        owners.put(leaf, owner);
        List<String> chains = new ArrayList<>(List.of(pem(leaf) + pem(issuer.root())));
        for (TestCa other : settings.alternateRoots) {
            chains.add(pem(leaf) + pem(other.crossSign(issuer)));
        }
        return chains;
    }

    /**
     * One of several chains, with links to the others.
     *
     * @param url where the first is; the others are below it
     * @param chain which one
     */
    static Reply download(List<String> chains, String url, int chain, Map<String, String> headers) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Content-Type", "application/pem-certificate-chain");
        String links = IntStream.range(0, chains.size())
                .filter(other -> other != chain)
                .mapToObj(other -> "<" + url + "/" + other + ">;rel=\"alternate\"")
                .collect(Collectors.joining(", "));
        if (!links.isEmpty()) {
            all.put("Link", links);
        }
        return new Reply(200, all, chains.get(chain).getBytes(UTF_8));
    }

    /** §7.6: signed by the account that ordered it, or by the certificate's own key; the signature has been checked. */
    void revoke(JwsReader.Jws jws, Optional<Account> account) throws GeneralSecurityException {
        Map<String, Object> payload = Json.parse(jws.payload());
        byte[] der = JwsReader.decode(String.valueOf(payload.get("certificate")));
        X509Certificate leaf = issued.stream()
                .filter(one -> Arrays.equals(encoded(one), der))
                .findFirst()
                .orElseThrow(() -> new Refusal(404, "malformed", "not one of ours"));
        boolean allowed = account.isPresent()
                ? account.get() == owners.get(leaf)
                : JwsReader.publicKey(jws.jwk()).equals(leaf.getPublicKey());
        if (!allowed) {
            throw new Refusal(403, "unauthorized", "neither the account nor the key of this certificate");
        }
        int reason = Integer.parseInt(String.valueOf(payload.getOrDefault("reason", "0")));
        if (reason < 0 || reason > 10 || reason == 7) {
            throw new Refusal(400, "badRevocationReason", "reason " + reason);
        }
        if (revoked.putIfAbsent(leaf, reason) != null) {
            throw new Refusal(400, "alreadyRevoked", "revoked before");
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(X509Certificate certificate) throws IOException {
        StringWriter out = new StringWriter();
        try (PemWriter writer = new PemWriter(out)) {
            writer.writeObject(new JcaMiscPEMGenerator(certificate));
        }
        return out.toString();
    }
}
