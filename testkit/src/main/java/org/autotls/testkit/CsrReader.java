package org.autotls.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.HashSet;
import java.util.Set;
import org.autotls.Identifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** The CA's side of a certification request (PKCS #10). Stateless. */
final class CsrReader {

    private CsrReader() {}

    /** Reads a request whose key is taken on only with a good signature and exactly these names. */
    static PublicKey key(byte[] der, Set<String> names) throws IOException, GeneralSecurityException {
        JcaPKCS10CertificationRequest csr = new JcaPKCS10CertificationRequest(der);
        if (!names(csr).equals(names) || csr.getSubject().getRDNs().length > 0) {
            throw new Refusal(400, "badCSR", "the names of the request are not the order's");
        }
        if (!isSigned(csr)) {
            throw new Refusal(400, "badCSR", "bad signature");
        }
        return csr.getPublicKey();
    }

    private static Set<String> names(JcaPKCS10CertificationRequest csr) {
        Set<String> names = new HashSet<>();
        if (csr.getRequestedExtensions() != null) {
            GeneralNames san =
                    GeneralNames.fromExtensions(csr.getRequestedExtensions(), Extension.subjectAlternativeName);
            for (GeneralName name : san.getNames()) {
                names.add(name.getTagNo() == GeneralName.iPAddress ? address(name) : String.valueOf(name.getName()));
            }
        }
        return names;
    }

    private static String address(GeneralName name) {
        try {
            byte[] bytes = ASN1OctetString.getInstance(name.getName()).getOctets();
            return Identifier.of(InetAddress.getByAddress(bytes).getHostAddress())
                    .value();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an iPAddress name of a strange length", e);
        }
    }

    private static boolean isSigned(JcaPKCS10CertificationRequest csr) throws GeneralSecurityException {
        try {
            return csr.isSignatureValid(new JcaContentVerifierProviderBuilder().build(csr.getPublicKey()));
        } catch (OperatorCreationException | PKCSException e) {
            throw new GeneralSecurityException(e);
        }
    }
}
