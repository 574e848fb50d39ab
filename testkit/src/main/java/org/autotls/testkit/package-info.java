/** What tests of autotls, and of stores, issuers and responders written for it, need. */
@NullMarked
package org.autotls.testkit;

import org.jspecify.annotations.NullMarked;
