package org.autotls.spring.testkit;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;

/** By default each context that closes takes the event loops of all others in the JVM with it. */
@Configuration(proxyBeanMethods = false)
public class OwnEventLoops {

    /** Made by Spring. */
    public OwnEventLoops() {}

    @Bean
    ReactorResourceFactory reactorResources() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        return resources;
    }
}
