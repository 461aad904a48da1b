// Membership
