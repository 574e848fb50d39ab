package org.autotls.spring.boot3;

import org.autotls.AutoTls;
import org.autotls.spring.AutoTlsAutoConfiguration;
import org.autotls.spring.CertificateReport;
import org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The component {@code autotls} of Actuator's endpoint {@code health}. */
@AutoConfiguration(after = AutoTlsAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(AutoTls.class)
@ConditionalOnEnabledHealthIndicator("autotls")
public final class AutoTlsHealthAutoConfiguration {

    /** Made by Spring. */
    public AutoTlsHealthAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean(name = "autotlsHealthIndicator")
    HealthIndicator autotlsHealthIndicator(AutoTls autoTls) {
        return () -> {
            CertificateReport report = CertificateReport.of(autoTls);
            return (report.isUp() ? Health.up() : Health.down())
                    .withDetails(report.health())
                    .build();
        };
    }
}
