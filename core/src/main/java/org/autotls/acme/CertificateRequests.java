package org.autotls.acme;

import java.io.IOException;
import java.security.KeyPair;
import org.autotls.Identifier;
import org.autotls.Subject;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Makes certification requests (RFC 2986) with the identifiers as subjectAltName and no common name. Stateless. */
final class CertificateRequests {

    private CertificateRequests() {}

    /**
     * Makes a request.
     *
     * @return DER
     */
    static byte[] encode(Subject subject, KeyPair key) {
        GeneralName[] names =
                subject.identifiers().stream().map(CertificateRequests::name).toArray(GeneralName[]::new);
        try {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            String algorithm = key.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            return new JcaPKCS10CertificationRequestBuilder(new X500Name(""), key.getPublic())
                    .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                    .build(new JcaContentSignerBuilder(algorithm).build(key.getPrivate()))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalArgumentException("no certification request can be made with this key", e);
        }
    }

    private static GeneralName name(Identifier identifier) {
        boolean address = identifier.type() == Identifier.Type.IP;
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, identifier.value());
    }
}
