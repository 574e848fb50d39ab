package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.SecureRandom;
import org.autotls.KeyType;
import org.autotls.Subject;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

class CertificateRequestsTest {

    @Test
    void encode_everyKeyType_namesInSanOnlyAndSigned() throws Exception {
        Subject subject = Subject.of("b.example", "*.a.example", "192.0.2.1", "2001:db8::1");
        for (KeyType type : new KeyType[] {KeyType.EC_P256, KeyType.EC_P384, KeyType.RSA_2048}) {
            KeyPair key = type.generate(new SecureRandom());
            JcaPKCS10CertificationRequest csr =
                    new JcaPKCS10CertificationRequest(CertificateRequests.encode(subject, key));
            assertThat(csr.getSubject().getRDNs()).isEmpty();
            assertThat(csr.getPublicKey()).isEqualTo(key.getPublic());
            assertThat(csr.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key.getPublic())))
                    .isTrue();
            GeneralName[] names = GeneralNames.fromExtensions(
                            csr.getRequestedExtensions(), Extension.subjectAlternativeName)
                    .getNames();
            assertThat(names)
                    .extracting(GeneralName::toString)
                    .containsExactly(
                            "2: *.a.example", "2: b.example", "7: #c0000201", "7: #20010db8000000000000000000000001");
        }
    }
}
