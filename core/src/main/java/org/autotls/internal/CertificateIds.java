package org.autotls.internal;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Optional;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/** The unique identifiers by which a CA is asked about a certificate (RFC 9773 §4.1). Stateless. */
public final class CertificateIds {

    private CertificateIds() {}

    /**
     * Returns the identifier of a leaf: the key identifier of its issuer and its serial number, with a dot between.
     *
     * @param leaf any certificate
     * @return empty if it does not say which key signed it, as every certificate of a CA must (RFC 5280 §4.2.1.1)
     */
    public static Optional<String> of(X509Certificate leaf) {
        // The serial number's bytes as DER has them: with a zero in front where the first bit is set.
        return issuerKey(leaf)
                .map(key ->
                        base64url(key) + "." + base64url(leaf.getSerialNumber().toByteArray()));
    }

    private static Optional<byte[]> issuerKey(X509Certificate leaf) {
        byte[] extension = leaf.getExtensionValue(Extension.authorityKeyIdentifier.getId());
        if (extension == null) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(
                    AuthorityKeyIdentifier.getInstance(JcaX509ExtensionUtils.parseExtensionValue(extension))
                            .getKeyIdentifierOctets());
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            return Optional.empty(); // what cannot be read says nothing
        }
    }

    private static String base64url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
